namespace QuickPay.IntegrationTests.Support;

/// <summary>
/// One test after the other, when all that run beside each other are through: for those that measure how long something takes, or that load
/// the machine themselves.
/// </summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
