using System.Security.Cryptography;
using QuickPay.Cli.Local;

namespace QuickPay.Cli.Drills.Traffic;

/// <summary>Who drives a drill, and how to reach the edges.</summary>
public sealed record DrillMembersOptions
{
    /// <summary>Where members come in, an HTTPS address an edge.</summary>
    public required IReadOnlyList<string> Edges { get; init; }

    /// <summary>The certificate file of the authority that the edges' certificates are from.</summary>
    public required string RootCertificate { get; init; }

    /// <summary>2 to 100: each has a connection of its own, and the edge allows 256 from one address.</summary>
    public int Count { get; init; } = 20;

    /// <summary>Won for each: half of what an unverified member's wallet may contain, far from empty and from full for as long as a drill takes.</summary>
    public long Deposit { get; init; } = 250_000;

    /// <summary>Sign-ups at one time: each is two slow hashes.</summary>
    public int AtOnce { get; init; } = 4;

    /// <summary>For all sign-ups together.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>Called with how many have joined.</summary>
    public Action<int> Joined { get; init; } = _ => { };
}

/// <summary>
/// The members of a drill, signed up, logged in and with money; good for several drills, one after the other. Phone numbers, passwords and
/// PINs are made up for the run and leave this process only on their way to the edges.
/// <code>
/// using var members = await DrillMembers.JoinAsync(new() { Edges = stack.EdgeUrls, RootCertificate = … }, clock, ct);
/// await members.GetReadyAsync(ct); // before each drill
/// </code>
/// </summary>
public sealed class DrillMembers : IDisposable
{
    private readonly DrillMember[] _members;
    private readonly int _atOnce;

    private DrillMembers(DrillMember[] members, int atOnce) => (_members, _atOnce) = (members, atOnce);

    /// <summary>Their wallets, in the order in which operations count members.</summary>
    public IReadOnlyList<Guid> Accounts => [.. _members.Select(member => member.Account)];

    public int Count => _members.Length;

    internal DrillMember this[int index] => _members[index];

    /// <summary>Signs them up.</summary>
    /// <exception cref="LocalException">One could not join, or it took too long.</exception>
    public static async Task<DrillMembers> JoinAsync(DrillMembersOptions options, TimeProvider clock, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Count, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Count, 100);
        var members = new DrillMembers([.. NewPhones(options.Count).Select(NewMember)], options.AtOnce);
        using var timer = new CancellationTokenSource(options.Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        var joined = 0;
        try
        {
            await members.ForEachAsync(
                async (member, token) =>
                {
                    await member.JoinAsync(options.Deposit, token);
                    options.Joined(Interlocked.Increment(ref joined));
                },
                either.Token
            );
            return members;
        }
        catch (OperationCanceledException late) when (timer.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            members.Dispose();
            throw new LocalException(
                $"Only {joined} of the drill's {options.Count} members had joined after {options.Patience.TotalSeconds:0} s.",
                late
            );
        }
        catch
        {
            members.Dispose();
            throw;
        }

        DrillMember NewMember(string phone, int index)
        {
            var edges = new EdgeClient(options.Edges, options.RootCertificate, clock);
            return new DrillMember(index, edges, clock, phone, NewPassword(), NewPin());
        }
    }

    /// <summary>Before each drill: renews the sessions that have run for long and ends those that an earlier drill left over.</summary>
    /// <exception cref="LocalException">The service does not do that now.</exception>
    public Task GetReadyAsync(CancellationToken cancellationToken) =>
        ForEachAsync((member, token) => member.GetReadyAsync(token), cancellationToken);

    /// <summary>
    /// After a drill: whose session of the beginning is gone, as `member 3: another session: session_revoked`. Empty when all survived.
    /// </summary>
    public async Task<IReadOnlyList<string>> LostSessionsAsync(CancellationToken cancellationToken)
    {
        var lost = new string?[Count];
        await Parallel.ForAsync(
            0,
            Count,
            Settings(cancellationToken),
            async (index, token) =>
            {
                if (await _members[index].WhySessionIsLostAsync(token) is { } why)
                    lost[index] = $"member {index}: {why}";
            }
        );
        return [.. lost.OfType<string>()];
    }

    /// <summary>Traffic that uses them has to have ended.</summary>
    public void Dispose()
    {
        foreach (var member in _members)
            member.Dispose();
    }

    private Task ForEachAsync(Func<DrillMember, CancellationToken, Task> act, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(_members, Settings(cancellationToken), async (member, token) => await act(member, token));

    private ParallelOptions Settings(CancellationToken cancellationToken) =>
        new() { MaxDegreeOfParallelism = _atOnce, CancellationToken = cancellationToken };

    /// <summary>Mobile numbers as Korea has them, each once.</summary>
    internal static IReadOnlyCollection<string> NewPhones(int count)
    {
        var phones = new HashSet<string>(count);
        while (phones.Count < count)
            phones.Add($"+8210{RandomNumberGenerator.GetInt32(20_000_000, 100_000_000)}");
        return phones;
    }

    private static string NewPassword() => RandomNumberGenerator.GetHexString(32, lowercase: true);

    private static string NewPin() => $"{RandomNumberGenerator.GetInt32(1_000_000):D6}";
}
