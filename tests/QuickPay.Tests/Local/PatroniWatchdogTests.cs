using QuickPay.Cli.Local.Zones;

namespace QuickPay.Tests.Local;

/// <summary>When the watchdog takes a Patroni for one that hangs.</summary>
public sealed class PatroniWatchdogTests : IDisposable
{
    private const string Patroni = "2026-11-23 11:43:06,123 INFO: no action. I am (pg-a), the leader with the lock\n";
    private const string Postgres = "2026-11-23 11:43:06.123 UTC [4711] qp_api@quickpay ERROR:  canceling statement due to lock timeout\n";
    private readonly string _log = Path.GetTempFileName();
    private readonly PatroniWatchdog.SignsOfLife _signs = new();

    public void Dispose() => File.Delete(_log);

    [Fact]
    public void One_that_writes_each_second_lives()
    {
        for (var second = 0; second < 20; second++)
        {
            File.AppendAllText(_log, Patroni);
            Assert.Equal(0, _signs.SilentLooks(_log));
        }
    }

    [Fact]
    public void What_its_PostgreSQL_writes_into_the_same_log_is_no_sign_of_life()
    {
        File.AppendAllText(_log, Patroni);
        Assert.Equal(0, _signs.SilentLooks(_log));
        for (var second = 1; second <= 12; second++)
        {
            File.AppendAllText(_log, Postgres);
            Assert.Equal(second, _signs.SilentLooks(_log));
        }
        File.AppendAllText(_log, Postgres + Patroni);
        Assert.Equal(0, _signs.SilentLooks(_log));
    }

    [Fact]
    public void One_that_does_not_run_owes_nothing_and_begins_anew_with_its_log()
    {
        Assert.Equal(1, _signs.SilentLooks(_log));
        Assert.Equal(0, _signs.SilentLooks(null));
        File.AppendAllText(_log, Patroni);
        Assert.Equal(0, _signs.SilentLooks(_log));
        File.WriteAllText(_log, "");
        Assert.Equal(1, _signs.SilentLooks(_log));
    }
}
