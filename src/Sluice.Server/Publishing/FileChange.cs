namespace Sluice.Server.Publishing;

/// <summary>A change to a small file that others may change at the same time. Both functions may be asked several times.</summary>
/// <param name="Apply">What the file is to be, by what it is (null: not there); null when it is as it should be already.</param>
/// <param name="Merge">What has what either of two states has, for where nobody can say which of them is newer.</param>
internal sealed record FileChange(Func<byte[]?, byte[]?> Apply, Func<byte[], byte[], byte[]> Merge);
