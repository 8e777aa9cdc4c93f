namespace QuickPay.Bench.Report;

/// <summary>One size of `bench scale`: its run, and its cost against the first size's.</summary>
internal sealed record ScaleStep(TransfersReport Report, double AgainstFirst, bool Flat);
