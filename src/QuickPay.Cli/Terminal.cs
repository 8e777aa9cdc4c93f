using Spectre.Console;

namespace QuickPay.Cli;

/// <summary>What people see while they wait. On standard error, so that standard output is for answers.</summary>
internal static class Terminal
{
    // Where nobody looks, lines are not broken: a program may read them.
    private const int UnbrokenWidth = 10_000;

    public static IAnsiConsole Errors { get; } = Create(Console.Error, Console.IsErrorRedirected);

    public static IAnsiConsole Output { get; } = Create(Console.Out, Console.IsOutputRedirected);

    /// <summary>One line of news.</summary>
    public static void Say(string text) => Errors.MarkupLineInterpolated($"[grey]quickpay:[/] {text}");

    /// <summary>A turning wheel with the latest news on a terminal, a line for each elsewhere.</summary>
    public static Task<T> WorkAsync<T>(string title, Func<Action<string>, Task<T>> work) =>
        Errors.Profile.Capabilities.Interactive && !Console.IsErrorRedirected
            ? Errors
                .Status()
                .Spinner(Spinner.Known.Dots)
                .StartAsync(Markup.Escape(title), status => work(text => status.Status(Markup.Escape(text))))
            : work(Say);

    private static IAnsiConsole Create(TextWriter writer, bool redirected)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) });
        if (redirected)
            console.Profile.Width = UnbrokenWidth;
        return console;
    }
}
