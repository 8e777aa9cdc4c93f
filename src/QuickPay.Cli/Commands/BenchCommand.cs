using System.CommandLine;
using QuickPay.Cli.Local;

namespace QuickPay.Cli.Commands;

/// <summary>`bench …`: the load generator, a program of its own (it wants its own garbage collector settings).</summary>
internal static class BenchCommand
{
    /// <summary>For the list of commands only: all that follows `bench` is the program's own, --help included.</summary>
    public static Command Create() => new("bench", "Measure (see: bench --help)");

    public static int Become(IReadOnlyList<string> arguments) =>
        Native.Become(Programs.DotNet, [Programs.Find("QuickPay.Bench"), .. arguments]);
}
