using QuickPay.Ledger;
using QuickPay.Transfers;

namespace QuickPay.Tests.Ledger;

/// <summary>The table of decisions: transfer_cases.txt. A failure names the story and its line.</summary>
public sealed class TransferCaseTests
{
    private static readonly IReadOnlyDictionary<string, List<(int Number, string Text)>> Stories = Read();

    public static TheoryData<string> Names => [.. Stories.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void It_is_decided_as_the_table_says(string story) => Play(story);

    [Fact]
    public void The_table_leaves_nothing_out()
    {
        var played = Stories.Keys.Select(Play).ToList();
        var refusals = played.SelectMany(story => story.Refusals).ToList();

        Assert.Equal(
            Enum.GetValues<TransferRefusal>().Where(code => code != TransferRefusal.None),
            refusals.Select(refusal => refusal.Code).Distinct().Order()
        );
        Assert.Equal(Enum.GetValues<LimitKind>(), refusals.Select(refusal => refusal.Limit).Distinct().Order());
        Assert.Equal(Enum.GetValues<TransferKind>(), played.SelectMany(story => story.Posted).Distinct().Order());
    }

    private static CaseStory Play(string name)
    {
        var story = new CaseStory();
        foreach (var (number, text) in Stories[name])
        {
            try
            {
                story.Play(text);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"transfer_cases.txt, line {number}: {text}{Environment.NewLine}{e.Message}", e);
            }
        }
        return story;
    }

    /// <summary>A story is a line at the margin and the indented ones below it.</summary>
    private static Dictionary<string, List<(int, string)>> Read()
    {
        var stories = new Dictionary<string, List<(int, string)>>();
        using var file = typeof(TransferCaseTests).Assembly.GetManifestResourceStream("transfer_cases.txt")!;
        using var reader = new StreamReader(file);
        List<(int, string)>? story = null;
        for (var number = 1; reader.ReadLine() is { } line; number++)
        {
            var text = line.Split('#')[0].TrimEnd();
            if (text.Length == 0)
            {
                continue;
            }
            if (char.IsWhiteSpace(text[0]))
            {
                story!.Add((number, text.Trim()));
            }
            else
            {
                stories.Add(text, story = []);
            }
        }
        return stories;
    }
}
