using System;
using System.IO;

namespace Azs.Registration.Tests;

internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("azs-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
