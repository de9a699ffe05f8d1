using System.Security.Cryptography;
using System.Text;
using Sluice.Server.Hosting;

namespace Sluice.Server.Access;

/// <summary>
/// The secret that signs playback tokens: as configured, else from the environment's <c>SECRET_KEY</c>, else 32 random
/// bytes kept in <c>secret.key</c> in the data folder, so that links outlive a restart.
/// </summary>
internal sealed class SigningSecret
{
    private const int Bytes = 32;
    private const string FileName = "secret.key";

    private SigningSecret(byte[] key, string? warning) => (Key, Warning) = (key, warning);

    /// <summary>The HMAC key.</summary>
    public byte[] Key { get; }

    /// <summary>What to tell the operator about the secret given, or null.</summary>
    public string? Warning { get; }

    /// <summary>Finds the secret, or makes it.</summary>
    /// <exception cref="SetupException">What is given cannot be used.</exception>
    public static SigningSecret Load(SluiceOptions options, Func<string, string?> environment)
    {
        if (environment("ALGORITHM") is { Length: > 0 } algorithm && algorithm != "HS256")
        {
            throw new SetupException(
                $"ALGORITHM is '{algorithm}', but tokens are signed with HS256 only. Unset it or set it to HS256.");
        }

        // PyHLS set no lower bound on SECRET_KEY, and its users must be able to bring their key along. The
        // configuration may have copied it into access.secret already.
        var legacy = environment("SECRET_KEY");
        if (options.Access.Secret is { Length: > 0 } configured && configured != legacy)
        {
            var key = Encoding.UTF8.GetBytes(configured);
            return key.Length >= Bytes
                ? new SigningSecret(key, null)
                : throw new SetupException($"access.secret has {key.Length} bytes; it needs {Bytes} or more.");
        }

        if (legacy is { Length: > 0 })
        {
            var key = Encoding.UTF8.GetBytes(legacy);
            return new SigningSecret(key, key.Length >= Bytes
                ? null
                : $"SECRET_KEY has only {key.Length} bytes; whoever guesses it can forge links. Use {Bytes} or more.");
        }

        return new SigningSecret(FromFile(Path.Combine(options.Storage.Data, FileName)), null);
    }

    private static byte[] FromFile(string path)
    {
        if (!File.Exists(path))
        {
            Make(path);
        }

        var key = File.ReadAllBytes(path);
        return key.Length == Bytes
            ? key
            : throw new SetupException(
                $"{FileName} in the data folder is damaged: it has {key.Length} bytes instead of {Bytes}. " +
                "Remove it to get a new one; links given out so far then stop working.");
    }

    private static void Make(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var draft = $"{path}.{RandomNumberGenerator.GetHexString(8, lowercase: true)}";
        var create = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            create.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var file = new FileStream(draft, create))
        {
            file.Write(RandomNumberGenerator.GetBytes(Bytes));
            file.Flush(flushToDisk: true);
        }

        try
        {
            File.Move(draft, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process was first; its secret is the one.
            File.Delete(draft);
        }
    }
}
