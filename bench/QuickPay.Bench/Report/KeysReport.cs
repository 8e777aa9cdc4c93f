namespace QuickPay.Bench.Report;

/// <summary>What `bench keys` found.</summary>
/// <param name="Few">Load with hardly any keys.</param>
/// <param name="Many">The same load with all of them.</param>
/// <param name="During">The same load while a day's keys are forgotten.</param>
internal sealed record KeysReport(KeySizes Sizes, Forgotten Forgotten, TransfersReport Few, TransfersReport Many, TransfersReport During)
{
    public IEnumerable<(string Name, TransfersReport Report)> Runs =>
        [("few keys", Few), ("all keys", Many), ("all keys, a day's being forgotten", During)];

    public bool Held => Forgotten.Keys > 0 && Runs.All(run => run.Report.Held);
}

/// <summary>The table of keys and its index.</summary>
internal sealed record KeySizes(long Keys, long TableBytes, long IndexBytes)
{
    public double BytesPerKey => (double)(TableBytes + IndexBytes) / Keys;
}

/// <summary>How one day's keys were forgotten: in so many seconds, reading the whole table.</summary>
internal sealed record Forgotten(long Keys, double Seconds);
