namespace QuickPay.Bench.Load;

/// <summary>Sends whose time has come while every connection was busy, in order. Bounded: beyond it a send is dropped, and counted.</summary>
internal sealed class Backlog(int capacity)
{
    private readonly long[] _intendedTicks = new long[capacity];
    private int _first;

    public int Count { get; private set; }

    public bool TryAdd(long intendedTicks)
    {
        if (Count == _intendedTicks.Length)
        {
            return false;
        }

        _intendedTicks[(_first + Count++) % _intendedTicks.Length] = intendedTicks;
        return true;
    }

    public bool TryTake(out long intendedTicks)
    {
        if (Count == 0)
        {
            intendedTicks = 0;
            return false;
        }

        intendedTicks = _intendedTicks[_first];
        _first = (_first + 1) % _intendedTicks.Length;
        Count--;
        return true;
    }
}
