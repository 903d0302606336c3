using System;
using System.Runtime.InteropServices;
using System.Security;
using System.Text;

namespace Azs.Registration.Native;

/// <summary>The UTF-8 bytes of a SecureString outside the managed heap, wiped on disposal.</summary>
internal sealed unsafe class NativeSecret : IDisposable
{
    private IntPtr bytes;
    private readonly int length;

    /// <param name="secret">The text; null is "not given".</param>
    public NativeSecret(SecureString? secret)
    {
        if (secret is null)
        {
            return;
        }

        IntPtr chars = Marshal.SecureStringToGlobalAllocUnicode(secret);
        try
        {
            length = Encoding.UTF8.GetByteCount((char*)chars, secret.Length);
            bytes = Marshal.AllocHGlobal(Math.Max(length, 1));
            if (length > 0)
            {
                Encoding.UTF8.GetBytes((char*)chars, secret.Length, (byte*)bytes, length);
            }
        }
        finally
        {
            Marshal.ZeroFreeGlobalAllocUnicode(chars);
        }
    }

    /// <summary>The bytes, readable until this object is disposed.</summary>
    public AzsStr Text => new() { Data = (byte*)bytes, Len = (nuint)length };

    public void Dispose()
    {
        if (bytes == IntPtr.Zero)
        {
            return;
        }

        for (int i = 0; i < length; i++)
        {
            Marshal.WriteByte(bytes, i, 0);
        }

        Marshal.FreeHGlobal(bytes);
        bytes = IntPtr.Zero;
    }
}
