using System.Globalization;
using QuickPay.Accounts;
using QuickPay.Ledger;
using QuickPay.Money;
using QuickPay.Transfers;

namespace QuickPay.Tests.Ledger;

/// <summary>Plays one story of transfer_cases.txt, whose head describes the language.</summary>
internal sealed class CaseStory
{
    private const long HouseFloor = -4_000_000_000_000_000_000;

    private readonly World _world = new(new TransferLimits());
    private readonly Dictionary<string, Guid> _ids = [];
    private readonly Dictionary<string, Transfer> _holds = [];

    /// <summary>What the story met, for the test that nothing is left out.</summary>
    public HashSet<Refusal> Refusals { get; } = [];
    public HashSet<TransferKind> Posted { get; } = [];

    public void Play(string line)
    {
        var halves = line.Split("->", StringSplitOptions.TrimEntries);
        var words = halves[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        switch (words[0])
        {
            case "account":
                Declare(words[1], Amount(words[2]), Options(words[3..]), Tier.Verified, floor: 0, IdOf(words[1]));
                break;
            case "house":
                Declare(words[1], Amount(words[2]), Options(words[3..]), Tier.House, HouseFloor, owner: Guid.Empty);
                break;
            case "change":
                Change(words[1], Options(words[2..]));
                break;
            case "now":
                _world.Now = DateTime.Parse(words[1], CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal);
                break;
            default:
                Decide(halves[0], halves[1]);
                break;
        }
    }

    private void Declare(string name, long balance, Dictionary<string, string> options, Tier tier, long floor, Guid owner)
    {
        _world.Put(
            new AccountState
            {
                Id = IdOf(name),
                Owner = owner,
                Floor = floor,
                Tier = tier,
                Status = AccountStatus.Active,
                Currency = Currency.KRW,
                Balance = balance,
                Held = 0,
                Version = 0,
                Day = default,
                DaySent = 0,
            }
        );
        Change(name, options);
    }

    private void Change(string name, Dictionary<string, string> options)
    {
        var old = _world[IdOf(name)];
        string? Option(string key) => options.GetValueOrDefault(key);
        _world.Put(
            new AccountState
            {
                Id = old.Id,
                Owner = Option("owner") is { } owner ? IdOf(owner) : old.Owner,
                Floor = old.Floor,
                Tier = Option("tier") is { } tier ? Enum.Parse<Tier>(tier, ignoreCase: true) : old.Tier,
                Status = Option("status") is { } status ? Enum.Parse<AccountStatus>(status, ignoreCase: true) : old.Status,
                Currency = Option("currency") is { } currency ? Enum.Parse<Currency>(currency) : old.Currency,
                Balance = Option("balance") is { } balance ? Amount(balance) : old.Balance,
                Held = old.Held,
                Version = Option("version") is { } version ? Amount(version) : old.Version,
                Day = options.ContainsKey("sent") ? _world.Today : old.Day,
                DaySent = Option("sent") is { } sent ? Amount(sent) : old.DaySent,
            }
        );
    }

    private void Decide(string action, string expected)
    {
        var (request, holdName) = Request(action);
        var before = _world.Take();
        var decision = _world.Post(request);
        if (decision.Posted)
        {
            Posted.Add(request.Kind);
            if (request.Kind == TransferKind.Hold)
            {
                _holds[holdName!] = decision.Rows[0];
            }
        }
        else
        {
            Refusals.Add(decision.Refusal);
        }
        if (char.IsAsciiLetterUpper(expected[0]))
        {
            Assert.Equal(RefusalOf(expected), decision.Refusal);
        }
        else
        {
            Assert.Equal(default, decision.Refusal);
            ExpectBalances(before, expected.Split(',', StringSplitOptions.TrimEntries));
        }
    }

    /// <summary>Accounts that are named are what it says; those that are not are what they were.</summary>
    private void ExpectBalances(Picture before, string[] expected)
    {
        var after = _world.Take();
        var named = new HashSet<Guid>();
        foreach (var words in expected.Select(text => text.Split(' ')))
        {
            var id = IdOf(words[0]);
            named.Add(id);
            var account = after.Accounts[id];
            Assert.Equal((words[0], Amount(words[1])), (words[0], account.Balance));
            for (var i = 2; i < words.Length; i += 2)
            {
                var actual = words[i] switch
                {
                    "held" => account.Held,
                    "sent" => account.DaySent,
                    "version" => account.Version,
                    _ => throw new FormatException($"What is '{words[i]}'?"),
                };
                Assert.Equal((words[0], words[i], Amount(words[i + 1])), (words[0], words[i], actual));
            }
            if (!words.Contains("held"))
            {
                Assert.Equal((words[0], "held", before.Accounts[id].Held), (words[0], "held", account.Held));
            }
            Assert.True(account.Version > before.Accounts[id].Version, $"{words[0]} was not touched.");
        }
        Assert.All(after.Accounts.Keys.Except(named), id => Assert.Equal(before.Of(id), after.Of(id)));
    }

    private (PostingRequest Request, string? Hold) Request(string action)
    {
        var legs = action
            .Split('&', StringSplitOptions.TrimEntries)
            .Select(leg => leg.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .ToList();
        var words = legs[0].Where(word => !word.Contains('=')).ToArray();
        var options = Options(legs[0].Where(word => word.Contains('=')));
        var kind = KindOf(words[0]);
        if (kind is TransferKind.Capture or TransferKind.Cancel or TransferKind.Expire)
        {
            return (Close(kind, words, options), null);
        }
        var hold = kind == TransferKind.Hold ? words[1] : null;
        if (hold is not null)
        {
            words = words[1..];
        }
        var (debit, credit) = (IdOf(words[1]), IdOf(words[2]));
        var side = kind switch
        {
            TransferKind.Deposit => OwnerSide.Credit,
            TransferKind.Fee => OwnerSide.House,
            _ => OwnerSide.Debit,
        };
        var lasts = TimeSpan.Parse(options.GetValueOrDefault("lasts", "1.00:00"), CultureInfo.InvariantCulture);
        var request = Blank(kind, debit, credit, Amount(words[3])) with
        {
            Currency = CurrencyOf(options),
            OwnerSide = side,
            Owner =
                options.TryGetValue("by", out var by) ? IdOf(by)
                : side == OwnerSide.Credit ? credit
                : debit,
            ExpiresAt = hold is null ? null : _world.Now + lasts,
            LinkedLegs = [.. legs.Skip(1).Select(leg => new LinkedLeg(KindOf(leg[0]), IdOf(leg[1]), IdOf(leg[2]), Amount(leg[3])))],
        };
        return (request, hold);
    }

    private PostingRequest Close(TransferKind kind, string[] words, Dictionary<string, string> options)
    {
        var hold = _holds[words[1]];
        var (debit, credit) = options.TryGetValue("between", out var parties)
            ? (IdOf(parties.Split('/')[0]), IdOf(parties.Split('/')[1]))
            : (hold.DebitAccount, hold.CreditAccount);
        return Blank(kind, debit, credit, words.Length > 2 ? Amount(words[2]) : 0) with
        {
            HoldId = hold.Id,
            Currency = CurrencyOf(options),
            OwnerSide = kind == TransferKind.Expire ? OwnerSide.House : OwnerSide.Either,
            Owner = options.TryGetValue("by", out var by) ? IdOf(by) : debit,
        };
    }

    private static PostingRequest Blank(TransferKind kind, Guid debit, Guid credit, long amount) =>
        new()
        {
            KeyDigest = default,
            RequestDigest = default,
            Kind = kind,
            DebitAccount = debit,
            CreditAccount = credit,
            Amount = amount,
            Currency = Currency.KRW,
        };

    private static Currency CurrencyOf(Dictionary<string, string> options) => Enum.Parse<Currency>(options.GetValueOrDefault("in", "KRW"));

    private static TransferKind KindOf(string verb) =>
        verb switch
        {
            "send" => TransferKind.Transfer,
            "withdraw" => TransferKind.Withdrawal,
            _ => Enum.Parse<TransferKind>(verb, ignoreCase: true),
        };

    private static Refusal RefusalOf(string text)
    {
        var words = text.Split(' ');
        return words.Length == 1
            ? new Refusal(Enum.Parse<TransferRefusal>(words[0]))
            : new Refusal(Enum.Parse<TransferRefusal>(words[0]), Enum.Parse<LimitKind>(words[1]), Amount(words[2]));
    }

    private static Dictionary<string, string> Options(IEnumerable<string> words) =>
        words.Select(word => word.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);

    /// <summary><c>1_000</c>; <c>max</c> and <c>max-1</c> are about the largest long.</summary>
    private static long Amount(string text)
    {
        var digits = text.Replace("_", "", StringComparison.Ordinal);
        return digits.StartsWith("max", StringComparison.Ordinal)
            ? long.MaxValue - (digits.Length > 3 ? long.Parse(digits[4..], CultureInfo.InvariantCulture) : 0)
            : long.Parse(digits, CultureInfo.InvariantCulture);
    }

    /// <summary>An account and its owner have the same id here; a name that was never declared is an account that is not there.</summary>
    private Guid IdOf(string name)
    {
        if (!_ids.TryGetValue(name, out var id))
        {
            _ids[name] = id = new Guid(_ids.Count + 1, 0, 0, new byte[8]);
        }
        return id;
    }
}
