using QuickPay.Bench.Load;
using Spectre.Console;
using static System.FormattableString;

namespace QuickPay.Bench.Report;

/// <summary>
/// What people see: steps and progress on standard error, the verdict on standard output. Tables on a terminal, aligned plain text
/// elsewhere; numbers alike on every machine (invariant culture).
/// </summary>
internal sealed class BenchConsole(TextWriter output, TextWriter errors, bool outputIsTerminal, bool errorsIsTerminal)
{
    private const int PlainProgressEverySeconds = 5;

    private bool _onProgressLine;

    public static BenchConsole System() => new(Console.Out, Console.Error, !Console.IsOutputRedirected, !Console.IsErrorRedirected);

    /// <summary>A sentence about what is being done.</summary>
    public void Step(string text)
    {
        EndProgressLine();
        errors.WriteLine(text);
    }

    /// <summary>One second of load: a line that rewrites itself on a terminal, one line in five seconds elsewhere.</summary>
    public void Progress(string target, LoadInterval second, int warmupSeconds, int measuredSeconds)
    {
        if (second.Second >= warmupSeconds + measuredSeconds)
        {
            return; // only late answers after the window
        }

        var at = second.Second + 1;
        var phase = at <= warmupSeconds ? "warm-up" : "measuring";
        var latency = LatencyReport.Of(second.Latency);
        var text = Invariant(
            $"{target} {phase} {at}/{warmupSeconds + measuredSeconds} s  {second.Committed:N0}/s  p50 {latency.P50:0.0}  p99 {latency.P99:0.0} ms"
        );
        text += second.Backlog > 0 ? Invariant($"  waiting {second.Backlog:N0}") : "";
        text += second.Dropped > 0 ? Invariant($"  dropped {second.Dropped:N0}") : "";
        text += second.Refused + second.Unknown > 0 ? Invariant($"  refused {second.Refused:N0}  unknown {second.Unknown:N0}") : "";
        if (errorsIsTerminal)
        {
            errors.Write($"\r{text}\e[K");
            _onProgressLine = true;
        }
        else if (at % PlainProgressEverySeconds == 0)
        {
            errors.WriteLine(text);
        }
    }

    /// <summary>A table of the verdict.</summary>
    public void Table(string title, IReadOnlyList<string> headers, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        EndProgressLine();
        if (outputIsTerminal)
        {
            var table = new Table { Title = new TableTitle(Markup.Escape(title)), Border = TableBorder.Rounded };
            foreach (var (header, index) in headers.Select((header, index) => (header, index)))
            {
                var column = new TableColumn(Markup.Escape(header));
                table.AddColumn(IsNumeric(index) ? column.RightAligned() : column);
            }

            foreach (var row in rows)
            {
                table.AddRow([.. row.Select(Markup.Escape)]);
            }

            AnsiConsole.Write(table);
            return;
        }

        output.WriteLine(title);
        var widths = headers
            .Select((header, i) => Math.Max(header.Length, rows.Select(row => row[i].Length).DefaultIfEmpty(0).Max()))
            .ToList();
        foreach (var row in rows.Prepend(headers))
        {
            output.WriteLine(
                "  "
                    + string.Join("  ", row.Select((cell, i) => IsNumeric(i) ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i])))
                        .TrimEnd()
            );
        }

        // A number and its unit stand to the right; a column with a longer text in it is read, not added up.
        bool IsNumeric(int column) =>
            column > 0 && rows.All(row => row[column] is "" || (row[column].Length < 20 && IsFigure(row[column][0])));
    }

    private static bool IsFigure(char first) => char.IsAsciiDigit(first) || first is '+' or '-';

    /// <summary>A line of the verdict.</summary>
    public void Line(string text)
    {
        EndProgressLine();
        output.WriteLine(text);
    }

    private void EndProgressLine()
    {
        if (_onProgressLine)
        {
            errors.WriteLine();
            _onProgressLine = false;
        }
    }
}
