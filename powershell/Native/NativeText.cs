using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text;

namespace Azs.Registration.Native;

/// <summary>The one place where texts go into the library and come out of it.</summary>
/// <remarks>
/// .NET Standard 2.0 has neither UnmanagedType.LPUTF8Str nor PtrToStringUTF8, and the ABI wants a length anyway. An
/// instance holds the buffers of one call; the library copies what it is given before it returns.
/// </remarks>
internal sealed unsafe class NativeText : IDisposable
{
    private readonly List<IntPtr> buffers = new();

    /// <summary>UTF-8 bytes of the text, readable until this object is disposed.</summary>
    public AzsStr In(string? text)
    {
        if (text is null)
        {
            return default;
        }

        int length = Encoding.UTF8.GetByteCount(text);
        // An empty text is not the same as none: it needs an address too.
        IntPtr buffer = Marshal.AllocHGlobal(Math.Max(length, 1));
        buffers.Add(buffer);
        if (length > 0)
        {
            fixed (char* chars = text)
            {
                Encoding.UTF8.GetBytes(chars, text.Length, (byte*)buffer, length);
            }
        }

        return new AzsStr { Data = (byte*)buffer, Len = (nuint)length };
    }

    /// <summary>A copy of a text of the library; null where it gave none.</summary>
    public static string? Out(AzsStr text)
    {
        if (text.Data == null)
        {
            return null;
        }

        return text.Len == 0 ? string.Empty : Encoding.UTF8.GetString(text.Data, checked((int)text.Len));
    }

    public void Dispose()
    {
        foreach (IntPtr buffer in buffers)
        {
            Marshal.FreeHGlobal(buffer);
        }

        buffers.Clear();
    }
}
