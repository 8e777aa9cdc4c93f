using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;
using QuickPay.Cli.Local;

namespace QuickPay.Tests.Local;

/// <summary>Who is started again, when, and who stays down.</summary>
public sealed class SupervisorTests : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private readonly Channel<string> _said = Channel.CreateUnbounded<string>();
    private readonly WatchedClock _clock = new();
    private readonly FakeServer _server = new();
    private readonly Supervisor _supervisor;

    public SupervisorTests()
    {
        _supervisor = new Supervisor(_ => { }, text => _said.Writer.TryWrite(text), _clock);
        _supervisor.Watch(_server);
    }

    public ValueTask DisposeAsync() => _supervisor.DisposeAsync();

    [Fact]
    public async Task What_ends_by_itself_is_started_again_and_less_often_while_it_keeps_ending()
    {
        foreach (var milliseconds in (int[])[200, 400, 800])
        {
            _server.End();
            Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), await PassPauseAsync());
            await IsBackAsync();
            await _server.WatchedAsync();
        }

        await _server.WatchedAsync();
        _clock.Advance(TimeSpan.FromSeconds(61));
        _server.End();
        Assert.Equal(FirstPause, await PassPauseAsync());
        await IsBackAsync();
    }

    [Fact]
    public async Task What_is_held_stays_down_until_it_is_let_go_and_comes_back_at_once()
    {
        _supervisor.Hold(_server);
        _server.End();
        _server.Note("let go");
        _supervisor.LetGo(_server);

        await IsBackAsync();
        Assert.Equal(["let go", "started"], _server.Story);
        Assert.Equal(0, _clock.Timers);
    }

    /// <summary>Who stops a server knows of its end before its watch does, and may let it go by then.</summary>
    [Fact]
    public async Task What_is_let_go_before_its_end_was_seen_comes_back_at_once()
    {
        _supervisor.Hold(_server);
        var tellTheWatch = _server.EndUnseen();
        _supervisor.LetGo(_server);
        tellTheWatch();

        await IsBackAsync();
        Assert.Equal(0, _clock.Timers);
    }

    [Fact]
    public async Task What_is_held_and_let_go_without_having_ended_is_held_no_more()
    {
        _supervisor.Hold(_server);
        _supervisor.LetGo(_server);
        _server.End();

        Assert.Equal(FirstPause, await PassPauseAsync());
        await IsBackAsync();
    }

    [Fact]
    public async Task What_is_held_while_its_start_is_put_off_stays_down()
    {
        _server.End();
        var pause = await _clock.NextTimerAsync();
        _supervisor.Hold(_server);
        _clock.Advance(pause);
        _server.Note("let go");
        _supervisor.LetGo(_server);

        await EndedByItselfAsync();
        await IsBackAsync();
        Assert.Equal(["let go", "started"], _server.Story);
    }

    [Fact]
    public async Task What_is_held_while_it_is_being_started_is_stopped_again()
    {
        var start = _server.StartSlowly();
        _server.End();
        await PassPauseAsync();
        await _server.NextStartAsync();
        _supervisor.Hold(_server);
        start.SetResult();
        await _server.StoppedAsync();
        _server.Note("let go");
        _supervisor.LetGo(_server);

        await IsBackAsync();
        Assert.Equal(["started", "stopped", "let go", "started"], _server.Story);
    }

    [Theory]
    [InlineData(typeof(OperationCanceledException))]
    [InlineData(typeof(InvalidOperationException))]
    public async Task A_start_that_fails_for_whatever_reason_is_tried_again(Type failure)
    {
        var start = _server.StartSlowly();
        _server.End();
        await PassPauseAsync();
        start.SetException((Exception)Activator.CreateInstance(failure, "a reason")!);

        Assert.Equal("a reason", await SaidAsync());
        await PassPauseAsync();
        await IsBackAsync();
    }

    /// <summary>Waits until the server is to be started after a pause, and lets it pass.</summary>
    private async Task<TimeSpan> PassPauseAsync()
    {
        await EndedByItselfAsync();
        var pause = await _clock.NextTimerAsync();
        _clock.Advance(pause);
        return pause;
    }

    private async Task EndedByItselfAsync() => Assert.StartsWith("server ended by itself", await SaidAsync(), StringComparison.Ordinal);

    private async Task IsBackAsync() => Assert.Equal("server is back", await SaidAsync());

    private async Task<string> SaidAsync() => await NextAsync(_said);

    private static Task<T> NextAsync<T>(Channel<T> channel) =>
        channel
            .Reader.ReadAsync(TestContext.Current.CancellationToken)
            .AsTask()
            .WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

    /// <summary>Tells which timers are set: one that is set after its time was passed would wait for ever.</summary>
    private sealed class WatchedClock : FakeTimeProvider
    {
        private readonly Channel<TimeSpan> _set = Channel.CreateUnbounded<TimeSpan>();

        public int Timers { get; private set; }

        public Task<TimeSpan> NextTimerAsync() => NextAsync(_set);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            Timers++;
            _set.Writer.TryWrite(dueTime);
            return timer;
        }
    }

    private sealed class FakeServer : ILocalServer
    {
        private readonly Channel<string> _starts = Channel.CreateUnbounded<string>();
        private readonly Channel<string> _watched = Channel.CreateUnbounded<string>();
        private readonly Channel<string> _stops = Channel.CreateUnbounded<string>();
        private readonly List<string> _story = [];
        private volatile TaskCompletionSource<int> _process = New();
        private volatile Task<int>? _end;
        private TaskCompletionSource? _slow;

        public IReadOnlyList<string> Story => _story;

        public string Name => "server";

        public string Role => "fake";

        public string Address => "nowhere";

        public ChildProcess? Process => null;

        public Task<int> Exited
        {
            get
            {
                _watched.Writer.TryWrite("");
                return _end ?? _process.Task;
            }
        }

        public void Note(string happened) => _story.Add(happened);

        public void End() => _process.SetResult(137);

        /// <summary>It has ended, for everybody who asks; who waited already hears of it when told.</summary>
        public Action EndUnseen()
        {
            _end = Task.FromResult(137);
            return () => _process.SetResult(137);
        }

        /// <summary>The next start ends when this does.</summary>
        public TaskCompletionSource StartSlowly() => _slow = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> NextStartAsync() => NextAsync(_starts);

        /// <summary>Somebody asked for its end, once more.</summary>
        public Task<string> WatchedAsync() => NextAsync(_watched);

        public Task<string> StoppedAsync() => NextAsync(_stops);

        public async Task StartAsync(CancellationToken cancellationToken)
        {
            _starts.Writer.TryWrite("");
            var slow = Interlocked.Exchange(ref _slow, null);
            if (slow is not null)
                await slow.Task;
            (_process, _end) = (New(), null);
            Note("started");
        }

        public Task StopAsync()
        {
            _process.TrySetResult(0);
            Note("stopped");
            _stops.Writer.TryWrite("");
            return Task.CompletedTask;
        }

        private static TaskCompletionSource<int> New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
