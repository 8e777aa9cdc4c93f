namespace QuickPay.Cli.Scale;

/// <summary>
/// What a batch takes in a ledger, fitted to what was measured (<see cref="Calibration"/>) and all of it there: API, PostgreSQL, Redis and the
/// load on two cores. An effective model: it says how long, not what for.
/// </summary>
/// <param name="WayMs">From the client to the queue, and from the answer to the client.</param>
/// <param name="AnswerMs">Answers leave one after the other.</param>
/// <param name="BatchMs">Two round trips and what a batch does once.</param>
/// <param name="RequestMs">Each request of it.</param>
/// <param name="RowMs">Each balance that it writes; once, however many requests touch it.</param>
/// <param name="CommitMs">The log's way to the disk, on average (exponential).</param>
/// <param name="Unevenness">Of all but the commit (sigma of a lognormal factor).</param>
/// <param name="Beside">More of it for each other lane at work: they share the cores and wait for each other's rows.</param>
/// <param name="Lanes">As in PostingOptions.</param>
/// <param name="BatchMax">As in PostingOptions.</param>
internal sealed record PostingCosts(
    double WayMs,
    double AnswerMs,
    double BatchMs,
    double RequestMs,
    double RowMs,
    double CommitMs,
    double Unevenness,
    double Beside,
    int Lanes,
    int BatchMax
)
{
    public static readonly PostingCosts Measured = new(0.13, 0.04, 0.5, 0.04, 0.008, 0.25, 0.3, 0.6, 2, 1_024);
}
