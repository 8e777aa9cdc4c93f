namespace QuickPay.Cli.Scale;

/// <summary>A payment: its accounts, and the ledgers that they live in. The shop's accounts have numbers below zero.</summary>
internal readonly record struct ScalePayment(int From, int To, int Source, int Destination);

/// <summary>Draws who pays whom. An account's ledger is where its number's hash leads.</summary>
internal sealed class ScalePayments
{
    private readonly ScaleLoad _load;
    private readonly Random _random;
    private readonly Popularity _ledgerOf;
    private readonly Popularity[] _accountOf;
    private readonly int[][] _accounts;

    public ScalePayments(ScaleLoad load, Random random)
    {
        (_load, _random) = (load, random);
        var homes = Enumerable.Range(0, load.AccountsPerLedger * load.Ledgers).ToLookup(HomeOf);
        _accounts = [.. Enumerable.Range(0, load.Ledgers).Select(ledger => homes[ledger].ToArray())];
        _accountOf = [.. _accounts.Select(accounts => new Popularity([.. accounts.Select(Weight)]))];
        _ledgerOf = new Popularity([.. _accounts.Select(accounts => accounts.Sum(Weight))]);

        double Weight(int account) => Popularity.ZipfWeight(account + 1, load.Skew);
    }

    public ScalePayment Next()
    {
        var source = _ledgerOf.Next(_random);
        var from = AccountIn(source);
        if (_load.ShopShare > 0 && _random.NextDouble() < _load.ShopShare)
        {
            var shop = source % _load.ShopAccounts;
            return new(from, -1 - shop, source, shop);
        }
        var (destination, to) = (source, 0);
        if (_load.CrossShare is not { } share)
            destination = _ledgerOf.Next(_random);
        else if (_load.Ledgers > 1 && _random.NextDouble() < share)
            do destination = _ledgerOf.Next(_random);
            while (destination == source);
        do to = AccountIn(destination);
        while (to == from);
        return new(from, to, source, destination);
    }

    private int AccountIn(int ledger) => _accounts[ledger][_accountOf[ledger].Next(_random)];

    private int HomeOf(int account)
    {
        var z = (ulong)account * 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return (int)((z ^ (z >> 31)) % (ulong)_load.Ledgers);
    }
}
