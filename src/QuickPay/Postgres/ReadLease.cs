using Npgsql;

namespace QuickPay.Postgres;

/// <summary>A place to read from, for one short read. Disposing it gives the place to the next.</summary>
public sealed class ReadLease : IAsyncDisposable
{
    private readonly Action _giveBack;

    internal ReadLease(NpgsqlConnection connection, bool isPrimary, uint timeline, Action giveBack) =>
        (Connection, IsPrimary, Timeline, _giveBack) = (connection, isPrimary, timeline, giveBack);

    /// <summary>Open; on a replica its transactions are read-only.</summary>
    public NpgsqlConnection Connection { get; }

    /// <summary>Where it leads.</summary>
    public bool IsPrimary { get; }

    /// <summary>The primary's timeline when it was last looked at, which a replica cannot tell of itself; 0 without replicas.</summary>
    public uint Timeline { get; }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await Connection.DisposeAsync();
        }
        finally
        {
            _giveBack();
        }
    }
}
