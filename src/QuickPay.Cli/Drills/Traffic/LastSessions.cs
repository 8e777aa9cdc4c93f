namespace QuickPay.Cli.Drills.Traffic;

/// <summary>
/// Sessions that were opened and ended in the last moment before a fault, by members of their own: what was answered then must hold afterwards,
/// a log-out as much as a log-in.
/// </summary>
internal sealed class LastSessions
{
    private readonly DrillMembers _members;
    private readonly string[] _tokens;

    private LastSessions(DrillMembers members, string[] tokens) => (_members, _tokens) = (members, tokens);

    /// <summary>Every second member logs out again.</summary>
    public static async Task<LastSessions> OpenAsync(DrillMembers members, CancellationToken cancellationToken) =>
        new(
            members,
            await Task.WhenAll(Enumerable.Range(0, members.Count).Select(i => members[i].OpenSessionAsync(IsEnded(i), cancellationToken)))
        );

    /// <summary>What is not as it was answered; empty when all holds.</summary>
    public async Task<IReadOnlyList<string>> BrokenAsync(CancellationToken cancellationToken)
    {
        var honoured = await Task.WhenAll(_tokens.Select((token, i) => _members[i].IsHonouredAsync(token, cancellationToken)));
        return
        [
            .. honoured
                .Index()
                .Where(one => one.Item != !IsEnded(one.Index))
                .Select(one =>
                    IsEnded(one.Index)
                        ? "one that was logged out is honoured, or nobody can tell"
                        : "one that was logged in is not honoured, or nobody can tell"
                ),
        ];
    }

    private static bool IsEnded(int member) => member % 2 == 1;
}
