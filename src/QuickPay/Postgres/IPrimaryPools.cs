using Npgsql;

namespace QuickPay.Postgres;

/// <summary>Who has pools of their own to the primary; registered as such, they hear from <see cref="PrimaryFinder"/> when another host is it.</summary>
public interface IPrimaryPools
{
    /// <summary>Open for as long as the process lives.</summary>
    IEnumerable<NpgsqlDataSource> ToPrimary { get; }
}
