using System.Buffers;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.Net.Http.Headers;
using Sluice.Server.Hosting;

namespace Sluice.Server.Ingest;

/// <summary>
/// Reads one <c>multipart/form-data</c> body (RFC 7578) as it arrives: text fields first, then the file in the field
/// <c>media</c>, straight to disk. Memory is one buffer, whatever the size of the file.
/// </summary>
internal sealed class MultipartUpload
{
    /// <summary>Longest text field in bytes; a title of 300 characters is at most 1200.</summary>
    private const int LongestField = 16 * 1024;

    /// <summary>Parts looked at before the body is refused.</summary>
    private const int MostParts = 32;

    private static readonly string[] MediaFields = ["media"];

    private readonly PartReader _reader;
    private readonly Action<long> _requireSize;
    private readonly Func<long> _freeBytes;
    private readonly string[] _fileFields;

    private MultipartUpload(PartReader reader, Action<long> requireSize, Func<long> freeBytes, string[] fileFields) =>
        (_reader, _requireSize, _freeBytes, _fileFields) = (reader, requireSize, freeBytes, fileFields);

    /// <summary>Text fields that stood before the file, by name.</summary>
    public Dictionary<string, string> Fields { get; } = new(StringComparer.Ordinal);

    /// <summary>Name that the client gave the file.</summary>
    public string? FileName { get; private set; }

    /// <summary>Bytes of the file.</summary>
    public long SizeBytes { get; private set; }

    /// <summary>SHA-256 of the file in lower-case hex; null until it was received.</summary>
    public string? Sha256 { get; private set; }

    /// <summary>Looks at the header of the request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="requireSize">Throws when the file may not have so many bytes; asked before each piece of it is kept.</param>
    /// <param name="freeBytes">Room on the disk.</param>
    /// <param name="fileFields">Names that the field with the file may have; <c>media</c> when null.</param>
    /// <exception cref="IntakeRefusedException">The body is no form with files.</exception>
    public static MultipartUpload Open(HttpRequest request, Action<long> requireSize, Func<long> freeBytes, string[]? fileFields = null)
    {
        fileFields ??= MediaFields;
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
            || HeaderUtilities.RemoveQuotes(type.Boundary) is not { Length: > 0 and <= 70 } boundary
            || !Ascii.IsValid(boundary.AsSpan()))
        {
            throw new IntakeRefusedException(
                ErrorCode.RequestInvalid, $"The body must be multipart/form-data with the file in the field `{fileFields[0]}`.");
        }

        return new MultipartUpload(new PartReader(request.BodyReader, boundary.Value!), requireSize, freeBytes, fileFields);
    }

    /// <summary>Receives the whole body and writes the file to <paramref name="path"/>.</summary>
    /// <returns>False when the body held no file in the field that it should be in.</returns>
    /// <exception cref="IntakeRefusedException">Too large, too many parts, or no room.</exception>
    public async Task<bool> ReceiveAsync(string path, CancellationToken ct)
    {
        using var silence = new SilenceLimit(ct);
        var found = false;
        for (var parts = 0; await Whole(_reader.NextAsync(silence.Token)) is { } disposition; parts++)
        {
            silence.Hear();
            if (parts == MostParts)
            {
                throw new IntakeRefusedException(ErrorCode.RequestInvalid, $"The form has more than {MostParts} parts.");
            }

            var name = HeaderUtilities.RemoveQuotes(disposition.Name).ToString();
            if (disposition.IsFormDisposition())
            {
                Fields[name] = await ReadFieldAsync(name, silence.Token);
            }
            else if (disposition.IsFileDisposition() && _fileFields.Contains(name))
            {
                if (found)
                {
                    throw new IntakeRefusedException(ErrorCode.RequestInvalid, "There may be only one file per upload.");
                }

                found = true;
                FileName = HeaderUtilities.RemoveQuotes(
                    disposition.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName).ToString();
                await WriteFileAsync(path, silence);
            }
        }

        return found;
    }

    /// <summary>Reading failed because the body is cut off, or not shaped like a form. Kept apart from failures of
    /// writing, which are exceptions of the same type.</summary>
    private static async ValueTask<T> Whole<T>(ValueTask<T> reading)
    {
        try
        {
            return await reading;
        }
        catch (InvalidDataException e)
        {
            throw new IntakeRefusedException(ErrorCode.RequestInvalid, $"The form cannot be read: {e.Message}");
        }
        catch (Exception e) when (e is IOException or OperationCanceledException || e.InnerException is ConnectionAbortedException)
        {
            throw new IntakeRefusedException(ErrorCode.UploadInterrupted, null);
        }
    }

    private async Task<string> ReadFieldAsync(string name, CancellationToken ct)
    {
        var text = new ArrayBufferWriter<byte>();
        while (await Whole(_reader.ReadAsync(LongestField, ct)) is { IsEmpty: false } piece)
        {
            foreach (var block in piece)
            {
                text.Write(block.Span);
            }

            _reader.Release();
            if (text.WrittenCount >= LongestField)
            {
                throw new IntakeRefusedException(ErrorCode.RequestInvalid, $"The field `{name}` is longer than {LongestField} bytes.");
            }
        }

        return Encoding.UTF8.GetString(text.WrittenSpan);
    }

    private async Task WriteFileAsync(string path, SilenceLimit silence)
    {
        using var hash = new SideHash();
        using var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write);
        var nextCheck = HashedWrite.LookBytes;
        while (await Whole(_reader.ReadAsync(HashedWrite.PieceBytes, silence.Token)) is { IsEmpty: false } piece)
        {
            silence.Hear();
            try
            {
                _requireSize(SizeBytes + piece.Length);
                await HashedWrite.RunAsync(file, SizeBytes, piece, hash);
                SizeBytes += piece.Length;
            }
            finally
            {
                _reader.Release();
            }

            if (SizeBytes >= nextCheck)
            {
                nextCheck += HashedWrite.LookBytes;
                if (_freeBytes() <= 0)
                {
                    throw new IntakeRefusedException(ErrorCode.DiskFull, "The disk became full during the upload.");
                }
            }
        }

        Sha256 = hash.Current();
    }
}
