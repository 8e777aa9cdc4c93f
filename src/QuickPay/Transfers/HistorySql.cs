using System.Collections.Concurrent;
using Npgsql;
using QuickPay.Postgres;

namespace QuickPay.Transfers;

/// <summary>
/// The statement of a page of history: a text of its own for each set of filters. With "or the filter is null" in one text for all, the
/// server's plan for any parameters does not know that there are many rows, and read and sorted the whole history of an account.
/// </summary>
internal static class HistorySql
{
    /// <summary>Columns after those of an item: the account's version under the same snapshot says what the page has.</summary>
    public const int VersionAt = 14;

    /// <inheritdoc cref="VersionAt" />
    public const int TimelineAt = 15;

    /// <inheritdoc cref="VersionAt" />
    public const int LsnAt = 16;

    private static readonly ConcurrentDictionary<Filters, string> Texts = new();

    public static string Of(HistoryQuery query) => Texts.GetOrAdd(Filters.Of(query), Write);

    /// <summary>In the order of their numbers in the text.</summary>
    public static void AddParameters(NpgsqlCommand command, HistoryQuery query)
    {
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = query.AccountId });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = query.BeforeVersion });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = query.Limit });
        if (query.From is { } from)
        {
            command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = from });
        }
        if (query.To is { } to)
        {
            command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = to });
        }
        if (query.Counterparty is { } counterparty)
        {
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = counterparty });
        }
        if (query.Status is { } status)
        {
            command.Parameters.Add(new NpgsqlParameter<short> { TypedValue = (short)status });
        }
    }

    // Both sides by their own index, newest first, then merged: a page costs the same however long the history is.
    // One item a payment: a captured hold is its capture (under the hold's id), a cancelled or expired one is the hold.
    // Ids are made a moment before created_at is read, and an hour of margin covers that when months are pruned by time.
    private static string Write(Filters filters)
    {
        var number = 3;
        var period = "";
        if (filters.HasFrom)
        {
            number++;
            period += $" AND t.created_at >= ${number} AND t.id >= uuid_v7_floor(${number} - interval '1 hour')";
        }
        if (filters.HasTo)
        {
            number++;
            period += $" AND t.created_at < ${number} AND t.id < uuid_v7_floor(${number} + interval '1 hour')";
        }
        var (payee, payer) = ("", "");
        if (filters.HasCounterparty)
        {
            number++;
            (payee, payer) = ($" AND t.credit_account = ${number}", $" AND t.debit_account = ${number}");
        }
        var (statusOut, statusIn) = ("", "");
        if (filters.HasStatus)
        {
            number++;
            statusOut = $" AND ${number} = CASE WHEN t.kind <> 5 THEN 0 WHEN c.kind IS NULL THEN 1 WHEN c.kind = 7 THEN 2 ELSE 3 END";
            statusIn = $" AND ${number} = 0";
        }
        var sent = $"""
            (SELECT t.id, t.link, t.kind, t.debit_account, t.credit_account, t.amount, t.currency, t.memo, t.created_at, t.expires_at,
                    t.debit_balance AS balance, t.debit_held AS held, t.debit_version AS version, false AS incoming, c.kind AS closing
             FROM transfers t LEFT JOIN LATERAL (
                 SELECT x.kind FROM transfers x WHERE t.kind = 5 AND x.link = t.id AND x.kind IN (6, 7, 8)) c ON true
             WHERE t.debit_account = $1 AND t.debit_version < $2 AND t.kind NOT IN (7, 8) AND c.kind IS DISTINCT FROM 6{period}{payee}{statusOut}
             ORDER BY t.debit_version DESC LIMIT $3)
            """;
        var received = $"""
            (SELECT t.id, t.link, t.kind, t.debit_account, t.credit_account, t.amount, t.currency, t.memo, t.created_at, t.expires_at,
                    t.credit_balance AS balance, t.credit_held AS held, t.credit_version AS version, true AS incoming, NULL::smallint AS closing
             FROM transfers t
             WHERE t.credit_account = $1 AND t.credit_version < $2 AND t.credit_version > 0{period}{payer}{statusIn}
             ORDER BY t.credit_version DESC LIMIT $3)
            """;
        var sides = filters.Incoming switch
        {
            null => $"{sent} UNION ALL {received}",
            true => received,
            false => sent,
        };
        return $"""
            SELECT page.*, b.version, b.timeline, b.lsn FROM (
                SELECT version, {LogPlace.Timeline} AS timeline, {LogPlace.Lsn} AS lsn
                FROM balances WHERE account_id = $1
            ) b LEFT JOIN LATERAL (
                SELECT coalesce(CASE WHEN p.kind = 6 THEN p.link END, p.id), p.kind, p.closing, p.incoming, p.debit_account, p.credit_account,
                       p.amount, p.currency, p.memo, p.created_at, p.expires_at, p.balance, p.held, p.version
                FROM ({sides}) p ORDER BY p.version DESC LIMIT $3
            ) page (id, kind, closing, incoming, debit, credit, amount, currency, memo, created_at, expires_at, balance, held, after) ON true
            ORDER BY page.after DESC
            """;
    }

    /// <summary>Which filters there are, not what they say.</summary>
    private readonly record struct Filters(bool HasFrom, bool HasTo, bool HasCounterparty, bool HasStatus, bool? Incoming)
    {
        public static Filters Of(HistoryQuery query) =>
            new(query.From is not null, query.To is not null, query.Counterparty is not null, query.Status is not null, query.Incoming);
    }
}
