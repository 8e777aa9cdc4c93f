using System.Collections.Concurrent;
using QuickPay.Edge.Firewall;

namespace QuickPay.IntegrationTests.Edge.Firewall;

/// <summary>What the rules decide about thousands of requests. A line in a text file is a case.</summary>
public sealed class CorpusTests(FirewallFixture firewall) : IClassFixture<FirewallFixture>
{
    /// <summary>What the API reads. The others are headers that nothing here does more with than hand them on.</summary>
    private static readonly Position[] Read = [Position.Query, Position.Memo, Position.Name, Position.FieldName, Position.PathId];

    /// <summary>
    /// Of how many attacks of each class in each header at least so many are blocked. The rules look at these headers for SQL and scripts
    /// above all; for the rest they need not, since no header is ever a command, a file name or a page: the API compares keys, and reads
    /// from cookies only its own.
    /// </summary>
    public static TheoryData<string, Position, int> BlockedInHeaders =>
        new()
        {
            { "sqli", Position.UserAgent, 95 },
            { "sqli", Position.Referer, 95 },
            { "sqli", Position.Cookie, 96 },
            { "sqli", Position.Key, 90 },
            { "xss", Position.UserAgent, 75 },
            { "xss", Position.Referer, 75 },
            { "xss", Position.Cookie, 75 },
            { "xss", Position.Key, 70 },
            { "traversal", Position.UserAgent, 24 },
            { "traversal", Position.Cookie, 41 },
            { "command", Position.Cookie, 40 },
            { "java", Position.UserAgent, 9 },
            { "java", Position.Cookie, 15 },
            { "scanner", Position.UserAgent, 18 },
        };

    [Fact]
    public void Every_attack_is_blocked_or_passes_for_a_reason_that_is_written_down()
    {
        var passed = Corpus.Attacks.Where(attack => Read.Contains(attack.Position) && !firewall.Blocks(attack)).Select(Name);
        var expected = Corpus.Lines("passes").Select(line => line.Replace('\t', ' '));

        Assert.True(Corpus.Attacks.Count > 3_000, $"Only {Corpus.Attacks.Count} attacks.");
        Assert.Equal(expected.Order(StringComparer.Ordinal), passed.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(BlockedInHeaders))]
    public void Attacks_in_headers_are_blocked_where_the_rules_look_for_them(string name, Position position, int blockedMin)
    {
        var attacks = Corpus.Attacks.Where(attack => attack.Class == name && attack.Position == position).ToList();
        var blocked = attacks.Count(firewall.Blocks);

        Assert.True(blocked >= blockedMin, $"{blocked} of {attacks.Count}");
    }

    /// <summary>Not even remarkable, all of them: only what is clean may ever take the fast path.</summary>
    [Fact]
    public void No_honest_request_is_refused_or_remarked_on()
    {
        var remarked =
            from request in Corpus.Honest
            let verdict = firewall.Verdict(request)
            where !verdict.IsClean
            select $"{request}: {verdict.Status} {string.Join(", ", verdict.Matches)}";

        Assert.True(Corpus.Honest.Count > 1_000, $"Only {Corpus.Honest.Count} honest requests.");
        Assert.Empty(remarked);
    }

    [Fact]
    public void The_honest_memos_that_are_refused_are_those_that_we_know_of() =>
        Assert.All(Corpus.Lines("refused"), memo => Assert.True(firewall.Blocks(Corpus.Place("honest", Position.Memo, memo)), memo));

    /// <summary>Four at once, each in another order, so that unlike requests meet.</summary>
    [Fact]
    public async Task Threads_do_not_disturb_each_other()
    {
        const int threads = 4;
        const int every = 7;
        CorpusRequest[] sample = [.. Corpus.Attacks.Concat(Corpus.Honest).Where((_, n) => n % every == 0)];
        ConcurrentBag<string> wrong = [];

        await Task.WhenAll(
            Enumerable
                .Range(0, threads)
                .Select(thread =>
                    Task.Run(
                        () =>
                        {
                            for (var i = 0; i < sample.Length; i++)
                            {
                                var request = sample[(i + thread * sample.Length / threads) % sample.Length];
                                var verdict = firewall.Engine.Inspect(request.ToInspected());
                                if (Text(verdict) != Text(firewall.Verdict(request)))
                                {
                                    wrong.Add($"{request}: {Text(verdict)} instead of {Text(firewall.Verdict(request))}");
                                }
                            }
                        },
                        TestContext.Current.CancellationToken
                    )
                )
        );

        Assert.Empty(wrong);
    }

    private static string Text(Verdict verdict) => $"{verdict.Status} {verdict.Score} {string.Join(", ", verdict.Matches)}";

    private static string Name(CorpusRequest request) => $"{request.Class} {request.Position} {request.Value}";
}
