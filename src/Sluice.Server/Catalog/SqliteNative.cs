using System.Reflection;
using System.Runtime.InteropServices;
using SQLitePCL;

namespace Sluice.Server.Catalog;

/// <summary>Binds the SQLite driver to the operating system's own library, so that no native binary is shipped.</summary>
internal static class SqliteNative
{
    private static readonly Lazy<bool> Bound = new(Bind);

    /// <summary>Binds once; later calls do nothing.</summary>
    public static void EnsureBound() => _ = Bound.Value;

    private static bool Bind()
    {
        NativeLibrary.SetDllImportResolver(typeof(SQLite3Provider_e_sqlite3).Assembly, Resolve);
        raw.SetProvider(new SQLite3Provider_e_sqlite3());
        return true;
    }

    private static IntPtr Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (!string.Equals(name, "e_sqlite3", StringComparison.Ordinal))
        {
            return IntPtr.Zero;
        }

        var library = OperatingSystem.IsWindows() ? "winsqlite3"
            : OperatingSystem.IsMacOS() ? "libsqlite3.dylib"
            : "libsqlite3.so.0";
        return NativeLibrary.Load(library, assembly, path);
    }
}
