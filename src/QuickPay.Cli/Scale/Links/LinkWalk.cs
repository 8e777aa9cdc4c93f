namespace QuickPay.Cli.Scale.Links;

/// <summary>What one random run found.</summary>
/// <param name="Actions">That were taken.</param>
/// <param name="Failures">Failovers and restarts among them.</param>
/// <param name="Posted">Linked transfers that were posted.</param>
/// <param name="Harm">What went wrong; null when nothing did.</param>
internal sealed record LinkWalkResult(int Actions, int Failures, int Posted, string? Harm);

/// <summary>
/// Many linked transfers at once between three ledgers, in a random order that its seed repeats. What the explorer cannot have: failovers
/// that take back all of a ledger's latest commits together, and money that is spent on while it may still be taken back.
/// </summary>
internal sealed class LinkWalk
{
    private sealed record Link(int Source, int Destination, int Payer, int Recipient, long Amount);

    private const int Ledgers = 3;
    private const int AccountsPerLedger = 3;
    private const int Links = 18;
    private const int ActionsMax = 500;
    private const long Funds = 1_000;

    private static readonly LinkAction[] OfALink =
    [
        .. LinkProtocol.Actions.Where(action =>
            action
                is not (
                    LinkAction.RequestArrives
                    or LinkAction.RequestWithoutFunds
                    or LinkAction.SourceCommits
                    or LinkAction.DestinationCommits
                    or LinkAction.SourceRestarts
                    or LinkAction.DestinationRestarts
                    or LinkAction.SourceFailsOver
                    or LinkAction.DestinationFailsOver
                )
        ),
    ];

    private readonly Random _random;
    private readonly LinkVariant _variant;
    private readonly Link[] _links;
    private readonly LinkState[] _states = new LinkState[Links];
    private int _failures;

    private LinkWalk(int seed, LinkVariant variant)
    {
        _random = new Random(seed);
        _variant = variant;
        _links = [.. Enumerable.Range(0, Links).Select(_ => Draw())];
    }

    public static LinkWalkResult Run(int seed, LinkVariant variant) => new LinkWalk(seed, variant).Run();

    private LinkWalkResult Run()
    {
        for (var n = 1; n <= ActionsMax; n++)
        {
            Act();
            if (Harm() is { } harm)
                return Result(n, harm);
        }
        for (var n = 0; n < Links; n++)
        {
            if (LinkExplorer.Unsettled(_states[n], _variant) is { } unsettled)
                return Result(ActionsMax, unsettled);
            _states[n] = LinkExplorer.Settle(_states[n], _variant);
        }
        var left = Enumerable.Range(0, Ledgers * AccountsPerLedger).Sum(account => Balance(account).Balance);
        return Result(
            ActionsMax,
            Harm() ?? (left == Funds * Ledgers * AccountsPerLedger ? null : $"members have {left} when all is quiet")
        );
    }

    private void Act()
    {
        // A ledger as a whole now and then, else one of the transfers.
        var ledger = _random.Next(Ledgers);
        switch (_random.Next(20))
        {
            case 0:
                _failures++;
                OfLedger(ledger, LinkAction.SourceFailsOver, LinkAction.DestinationFailsOver);
                return;
            case 1:
                _failures++;
                OfLedger(ledger, LinkAction.SourceRestarts, LinkAction.DestinationRestarts);
                return;
            case < 6:
                OfLedger(ledger, LinkAction.SourceCommits, LinkAction.DestinationCommits);
                return;
        }
        var n = _random.Next(Links);
        var link = _links[n];
        var action = _random.Next(6) == 0 ? RequestOf(link) : OfALink[_random.Next(OfALink.Length)];
        if ((action is LinkAction.RecipientCloses or LinkAction.SenderIsFrozen) && _random.Next(10) > 0)
            return;
        _states[n] = LinkProtocol.Next(_states[n], action, _variant) ?? _states[n];
        if (_random.Next(10) == 0)
            _states[n] = _states[n] with { Network = LinkMessages.None };
    }

    private LinkAction RequestOf(Link link)
    {
        var (balance, held) = Balance(link.Payer);
        return balance - held >= link.Amount ? LinkAction.RequestArrives : LinkAction.RequestWithoutFunds;
    }

    private void OfLedger(int ledger, LinkAction asSource, LinkAction asDestination)
    {
        for (var n = 0; n < Links; n++)
        {
            if (_links[n].Source == ledger)
                _states[n] = LinkProtocol.Next(_states[n], asSource, _variant) ?? _states[n];
            if (_links[n].Destination == ledger)
                _states[n] = LinkProtocol.Next(_states[n], asDestination, _variant) ?? _states[n];
        }
    }

    private string? Harm()
    {
        foreach (var state in _states)
            if (state.Harm is { } harm)
                return harm;
        for (var account = 0; account < Ledgers * AccountsPerLedger; account++)
            if (Balance(account) is var (balance, held) && balance < held)
                return $"an account has {balance} and holds {held}";
        return null;
    }

    private (long Balance, long Held) Balance(int account)
    {
        var (balance, held) = (Funds, 0L);
        for (var n = 0; n < Links; n++)
        {
            if (_links[n].Payer == account)
            {
                balance -= _links[n].Amount * _states[n].Source.Debited;
                held += _links[n].Amount * _states[n].Source.Held;
            }
            if (_links[n].Recipient == account)
                balance += _links[n].Amount * _states[n].Destination.Credited;
        }
        return (balance, held);
    }

    private Link Draw()
    {
        var source = _random.Next(Ledgers);
        var destination = (source + 1 + _random.Next(Ledgers - 1)) % Ledgers;
        return new(source, destination, AccountIn(source), AccountIn(destination), 1 + _random.Next((int)Funds));
    }

    private int AccountIn(int ledger) => ledger * AccountsPerLedger + _random.Next(AccountsPerLedger);

    private LinkWalkResult Result(int actions, string? harm) =>
        new(actions, _failures, _states.Count(state => state.Source.Key == LinkOutcome.Posted), harm);
}
