using System.Runtime.InteropServices;

namespace QuickPay.Bench.Load;

/// <summary>
/// The five system calls the load loop lives on. The runtime's sockets hand every completion to another thread; with the generator
/// on the same two cores as what it measures, that hand-over would be a good part of the result. One thread, one epoll, is not.
/// </summary>
internal static unsafe partial class Epoll
{
    public const uint In = 0x001;
    public const uint Out = 0x004;
    public const uint Error = 0x008;
    public const uint HangUp = 0x010;

    private const int Add = 1;
    private const int Remove = 2;
    private const int Modify = 3;
    private const int CloseOnExec = 0x80000;
    private const int NoSignal = 0x4000;
    private const int Interrupted = 4;
    private const int TryAgain = 11;

    /// <summary>struct epoll_event: packed on x86-64, naturally aligned elsewhere.</summary>
    internal readonly struct Event(uint events, int data)
    {
        public readonly uint Events = events;
        public readonly int Data = data;
    }

    public static readonly int EventSize = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    public static int Create() => Check(epoll_create1(CloseOnExec), "epoll_create1");

    public static void Watch(int epoll, int descriptor, int data, uint events) => Control(epoll, Add, descriptor, data, events);

    public static void Change(int epoll, int descriptor, int data, uint events) => Control(epoll, Modify, descriptor, data, events);

    public static void Forget(int epoll, int descriptor) => Control(epoll, Remove, descriptor, 0, 0);

    public static void Close(int epoll) => _ = close(epoll);

    /// <summary>Waits for events, at most that many nanoseconds; returns how many came. Read them with <see cref="At"/>.</summary>
    public static int Wait(int epoll, Span<byte> events, long timeoutNanoseconds)
    {
        var timeout = new TimeSpec(timeoutNanoseconds / 1_000_000_000, timeoutNanoseconds % 1_000_000_000);
        fixed (byte* pointer = events)
        {
            var count = epoll_pwait2(epoll, pointer, events.Length / EventSize, &timeout, null);
            return count >= 0 ? count
                : Marshal.GetLastPInvokeError() == Interrupted ? 0
                : throw new IOException($"epoll_pwait2 failed: error {Marshal.GetLastPInvokeError()}");
        }
    }

    public static Event At(ReadOnlySpan<byte> events, int index)
    {
        var at = events[(index * EventSize)..];
        return new Event(MemoryMarshal.Read<uint>(at), MemoryMarshal.Read<int>(at[(EventSize - 8)..]));
    }

    /// <summary>Bytes received; 0 = closed by the other side, -1 = nothing there yet, -2 = broken.</summary>
    public static int Receive(int descriptor, Span<byte> buffer)
    {
        fixed (byte* pointer = buffer)
        {
            return Result(recv(descriptor, pointer, buffer.Length, 0));
        }
    }

    /// <summary>Bytes taken by the kernel; -1 = its buffer is full, -2 = broken.</summary>
    public static int Send(int descriptor, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* pointer = bytes)
        {
            return Result(send(descriptor, pointer, bytes.Length, NoSignal));
        }
    }

    private static int Result(nint result) =>
        result >= 0 ? (int)result
        : Marshal.GetLastPInvokeError() is TryAgain or Interrupted ? -1
        : -2;

    private static void Control(int epoll, int operation, int descriptor, int data, uint events)
    {
        Span<byte> bytes = stackalloc byte[EventSize];
        bytes.Clear();
        MemoryMarshal.Write(bytes, events);
        MemoryMarshal.Write(bytes[(EventSize - 8)..], data);
        fixed (byte* pointer = bytes)
        {
            Check(epoll_ctl(epoll, operation, descriptor, pointer), "epoll_ctl");
        }
    }

    private static int Check(int result, string call) =>
        result >= 0 ? result : throw new IOException($"{call} failed: error {Marshal.GetLastPInvokeError()}");

    private readonly struct TimeSpec(long seconds, long nanoseconds)
    {
        private readonly long _seconds = seconds;
        private readonly long _nanoseconds = nanoseconds;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_ctl(int epoll, int operation, int descriptor, byte* @event);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_pwait2(int epoll, byte* events, int max, TimeSpec* timeout, void* signals);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint recv(int descriptor, byte* buffer, nint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint send(int descriptor, byte* buffer, nint length, int flags);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);
}
