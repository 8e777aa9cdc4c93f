using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using QuickPay.Transfers;

namespace QuickPay.Ledger;

/// <summary>
/// SHA-256 over a batch's transfers in id order, each in canonical form, version 1. All integers are big-endian:
/// <c>id 16 · debit 16 · credit 16 · link 16 (zeros if none) · amount 8 · debit balance, held, version 8 each · credit the
/// same · created_at and expires_at as microseconds since 1970 8 each (0 if none) · kind 2 · currency 2 · memo length 4
/// (−1 if none) · memo in UTF-8</c>. A new form gets a new version byte in front.
/// </summary>
public sealed class BatchDigest : IDisposable
{
    private const byte Version = 1;
    private const int FixedSize = 16 * 4 + 8 * 9 + 2 + 2 + 4;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private byte[] _row = new byte[FixedSize + 1024];

    /// <summary>The digest of <paramref name="rows"/>, which are in id order.</summary>
    public byte[] Compute(IReadOnlyList<Transfer> rows)
    {
        _hash.AppendData([Version]);
        for (var i = 0; i < rows.Count; i++)
        {
            // First the row, then the buffer: writing a long memo replaces it.
            var size = Write(rows[i]);
            _hash.AppendData(_row.AsSpan(0, size));
        }
        return _hash.GetHashAndReset();
    }

    public void Dispose() => _hash.Dispose();

    private int Write(Transfer row)
    {
        var memoLength = row.Memo is null ? 0 : Encoding.UTF8.GetByteCount(row.Memo);
        if (_row.Length < FixedSize + memoLength)
        {
            _row = new byte[FixedSize + memoLength];
        }
        var at = 0;
        Put(row.Id, ref at);
        Put(row.DebitAccount, ref at);
        Put(row.CreditAccount, ref at);
        Put(row.Link ?? Guid.Empty, ref at);
        Put(row.Amount, ref at);
        Put(row.Debit.Balance, ref at);
        Put(row.Debit.Held, ref at);
        Put(row.Debit.Version, ref at);
        Put(row.Credit.Balance, ref at);
        Put(row.Credit.Held, ref at);
        Put(row.Credit.Version, ref at);
        Put(Microseconds(row.CreatedAt), ref at);
        Put(row.ExpiresAt is { } expires ? Microseconds(expires) : 0, ref at);
        BinaryPrimitives.WriteInt16BigEndian(_row.AsSpan(at), (short)row.Kind);
        BinaryPrimitives.WriteInt16BigEndian(_row.AsSpan(at + 2), (short)row.Currency);
        BinaryPrimitives.WriteInt32BigEndian(_row.AsSpan(at + 4), row.Memo is null ? -1 : memoLength);
        at += 8;
        if (row.Memo is not null)
        {
            at += Encoding.UTF8.GetBytes(row.Memo, _row.AsSpan(at));
        }
        return at;
    }

    private static long Microseconds(DateTime utc) => (utc - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private void Put(Guid value, ref int at)
    {
        value.TryWriteBytes(_row.AsSpan(at), bigEndian: true, out _);
        at += 16;
    }

    private void Put(long value, ref int at)
    {
        BinaryPrimitives.WriteInt64BigEndian(_row.AsSpan(at), value);
        at += 8;
    }
}
