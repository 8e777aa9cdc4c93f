using System.Runtime.InteropServices;

namespace QuickPay.Cli.Scale;

/// <summary>What a simulated run gave.</summary>
internal sealed record ScaleRun(
    double PerSecond,
    double P50Ms,
    double P95Ms,
    double P99Ms,
    double LocalP50Ms,
    double CrossPerSecond,
    double CrossP50Ms,
    double MeanBatch
);

/// <summary>
/// Several ledgers, each a posting engine with lanes, as a discrete-event simulation. A transfer within a ledger is one posting; one across
/// is three: a hold and its outbox row at the source, the post at the destination, the settlement at the source.
/// <code>
///   client ──way──> queue ──> lane: all that waits ──commit──> answers, one after the other ──way──> client
///                     ▲                                 └──> the other ledger's queue, BetweenMs later
/// </code>
/// </summary>
internal sealed class ScaleSimulation
{
    private enum Step : byte
    {
        Local,
        Hold,
        Post,
        Settle,
    }

    private enum Happening : byte
    {
        Send,
        Arrive,
        Commit,
    }

    private struct Transfer
    {
        public double Sent;
        public ScalePayment Pays;
        public Step Step;
    }

    private sealed class Ledger
    {
        public readonly Queue<int> Waiting = new();
        public required int[][] Lanes;
        public required Stack<int> Free;
        public int BatchMax = 256;
        public double FrontFreeAt;
    }

    private const int SettlementShards = 16;

    private readonly ScaleLoad _load;
    private readonly PostingCosts _costs;
    private readonly Random _random;
    private readonly Ledger[] _ledgers;
    private readonly ScalePayments _payments;
    private readonly int[] _rowSeen;
    private readonly PriorityQueue<(Happening Kind, int Ledger, int Subject), (double Time, long Order)> _events = new();
    private readonly List<Transfer> _transfers = [];
    private readonly List<double> _local = [];
    private readonly List<double> _cross = [];
    private readonly Stack<int> _unused = new();
    private double _now;
    private long _order;
    private int _batches;
    private long _batched;

    public ScaleSimulation(ScaleLoad load, PostingCosts costs)
    {
        _load = load;
        _costs = costs;
        _random = new Random(load.Seed);
        _ledgers =
        [
            .. Enumerable
                .Range(0, load.Ledgers)
                .Select(_ => new Ledger { Lanes = new int[costs.Lanes][], Free = new Stack<int>(Enumerable.Range(0, costs.Lanes)) }),
        ];
        _payments = new ScalePayments(load, _random);
        _rowSeen = new int[load.AccountsPerLedger * load.Ledgers + load.Ledgers * load.Ledgers * SettlementShards + load.Ledgers];
    }

    public ScaleRun Run()
    {
        var end = (_load.WarmupSeconds + _load.Seconds) * 1_000;
        if (_load.Connections > 0)
            for (var n = 0; n < _load.Connections * _load.Ledgers; n++)
                At(_random.NextDouble() * 5, Happening.Send, 0, 0);
        else
            At(0, Happening.Send, 0, 0);
        while (_events.TryDequeue(out var next, out var when) && when.Time <= end)
        {
            _now = when.Time;
            switch (next.Kind)
            {
                case Happening.Send:
                    Send();
                    break;
                case Happening.Arrive:
                    Arrive(next.Ledger, next.Subject);
                    break;
                case Happening.Commit:
                    Commit(next.Ledger, next.Subject);
                    break;
            }
        }
        var (local, cross) = (_local.Order().ToArray(), _cross.Order().ToArray());
        double[] all = [.. local.Concat(cross).Order()];
        return new(
            all.Length / _load.Seconds,
            Percentile(all, 0.5),
            Percentile(all, 0.95),
            Percentile(all, 0.99),
            Percentile(local, 0.5),
            cross.Length / _load.Seconds,
            Percentile(cross, 0.5),
            _batches == 0 ? 0 : (double)_batched / _batches
        );
    }

    private bool Measuring => _now >= _load.WarmupSeconds * 1_000;

    private void Send()
    {
        var id = _unused.TryPop(out var free) ? free : _transfers.Count;
        if (id == _transfers.Count)
            _transfers.Add(default);
        ref var transfer = ref CollectionsMarshal.AsSpan(_transfers)[id];
        var pays = _payments.Next();
        transfer = new()
        {
            Sent = _now,
            Pays = pays,
            Step = pays.Source == pays.Destination ? Step.Local : Step.Hold,
        };
        At(_now + _costs.WayMs, Happening.Arrive, pays.Source, id);
        if (_load.Connections == 0)
            At(_now + 1_000 / (_load.Rate * _load.Ledgers), Happening.Send, 0, 0);
    }

    private void Arrive(int at, int id)
    {
        var ledger = _ledgers[at];
        ledger.Waiting.Enqueue(id);
        TakeIfFree(at, ledger);
    }

    private void TakeIfFree(int at, Ledger ledger)
    {
        if (ledger.Waiting.Count == 0 || !ledger.Free.TryPop(out var lane))
            return;
        var size = Math.Min(ledger.Waiting.Count, ledger.BatchMax);
        var batch = new int[size];
        _batches++;
        var (rows, weight) = (0, 0.0);
        for (var n = 0; n < size; n++)
        {
            batch[n] = ledger.Waiting.Dequeue();
            ref var transfer = ref CollectionsMarshal.AsSpan(_transfers)[batch[n]];
            rows += RowsOf(transfer, batch[n]);
            weight += transfer.Step == Step.Local ? 1 : _load.CrossCost / 3;
        }
        ledger.Lanes[lane] = batch;
        var beside = 1 + _costs.Beside * (_costs.Lanes - 1 - ledger.Free.Count);
        var work = beside * (_costs.BatchMs + _costs.RequestMs * weight + _costs.RowMs * rows);
        var took = work * Math.Exp(_costs.Unevenness * Normal()) - _costs.CommitMs * Math.Log(1 - _random.NextDouble());
        if (took > 100)
            ledger.BatchMax = Math.Max(32, ledger.BatchMax / 2);
        else if (size == ledger.BatchMax)
            ledger.BatchMax = Math.Min(_costs.BatchMax, size + size / 4 + 1);
        _batched += size;
        At(_now + took, Happening.Commit, at, lane);
    }

    /// <summary>Balances that no other posting of this batch has touched: a batch writes each once.</summary>
    private int RowsOf(in Transfer transfer, int id) =>
        transfer.Step switch
        {
            Step.Local => First(Row(transfer.Pays.From)) + First(Row(transfer.Pays.To)),
            Step.Hold => First(Row(transfer.Pays.From)),
            Step.Post => First(Settlement(transfer.Pays.Destination, transfer.Pays.Source, id)) + First(Row(transfer.Pays.To)),
            _ => First(Row(transfer.Pays.From)) + First(Settlement(transfer.Pays.Source, transfer.Pays.Destination, id)),
        };

    private int Row(int account) => account >= 0 ? account : _rowSeen.Length + account;

    private int Settlement(int at, int facing, int id) =>
        _load.AccountsPerLedger * _load.Ledgers + (at * _load.Ledgers + facing) * SettlementShards + id % SettlementShards;

    private int First(int row)
    {
        if (_rowSeen[row] == _batches)
            return 0;
        _rowSeen[row] = _batches;
        return 1;
    }

    private void Commit(int at, int lane)
    {
        var ledger = _ledgers[at];
        foreach (var id in ledger.Lanes[lane])
        {
            ref var transfer = ref CollectionsMarshal.AsSpan(_transfers)[id];
            switch (transfer.Step)
            {
                case Step.Hold:
                    transfer.Step = Step.Post;
                    At(_now + _load.BetweenMs, Happening.Arrive, transfer.Pays.Destination, id);
                    break;
                case Step.Post:
                    transfer.Step = Step.Settle;
                    At(_now + _load.BetweenMs, Happening.Arrive, transfer.Pays.Source, id);
                    break;
                default:
                    Answer(ledger, transfer, id);
                    break;
            }
        }
        ledger.Free.Push(lane);
        TakeIfFree(at, ledger);
    }

    private void Answer(Ledger ledger, in Transfer transfer, int id)
    {
        ledger.FrontFreeAt = Math.Max(ledger.FrontFreeAt, _now) + _costs.AnswerMs;
        var answered = ledger.FrontFreeAt + _costs.WayMs;
        if (Measuring)
            (transfer.Pays.Source == transfer.Pays.Destination ? _local : _cross).Add(answered - transfer.Sent);
        _unused.Push(id);
        if (_load.Connections > 0)
            At(answered, Happening.Send, 0, 0);
    }

    private double Normal() => Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());

    private void At(double time, Happening kind, int ledger, int subject) => _events.Enqueue((kind, ledger, subject), (time, _order++));

    private static double Percentile(ReadOnlySpan<double> sorted, double share) =>
        sorted.Length == 0 ? 0 : sorted[Math.Min(sorted.Length - 1, (int)(share * sorted.Length))];
}
