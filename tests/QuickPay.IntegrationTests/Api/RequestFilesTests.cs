using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using QuickPay.Cli.Local;
using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Api;

/// <summary>Every request of requests/*.http is sent, one file after the other from its top, and answers what its title says.</summary>
public sealed partial class RequestFilesTests(ApiBankFixture fixture) : ApiTests(fixture)
{
    private readonly Dictionary<string, JsonElement> _answers = [];

    public static TheoryData<string> Files =>
        [.. Directory.GetFiles(Folder, "*.http").Order(StringComparer.Ordinal).Select(file => Path.GetFileName(file))];

    private static string Folder => Path.Combine(Programs.RepositoryRoot, "requests");

    public override async ValueTask InitializeAsync() => await SomeRates.PublishAsync(Bank.Database);

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Each_request_answers_what_its_title_says(string file)
    {
        foreach (var (title, text) in await RequestsAsync(file))
        {
            var answer = await Bank.SendAsync(Parse(text));
            var expected = Expected().Match(title);
            Assert.True(
                expected.Success
                    ? answer.Status.ToString(System.Globalization.CultureInfo.InvariantCulture) == expected.Groups["status"].Value
                    : answer.Status is >= 200 and < 300,
                $"{title}: {answer.Status} {answer.Text}"
            );
            if (expected.Groups["code"] is { Success: true } code)
            {
                Assert.Equal((title, code.Value), (title, answer.Code));
            }
            if (Named().Match(text) is { Success: true } name)
            {
                _answers[name.Groups[1].Value] = answer.Json;
            }
        }
    }

    private static async Task<List<(string Title, string Text)>> RequestsAsync(string file)
    {
        var text = await File.ReadAllTextAsync(Path.Combine(Folder, file), Cancellation);
        return [.. text.Split("\n### ").Skip(1).Select(part => part.Split('\n', 2)).Select(part => (part[0], part[1]))];
    }

    private HttpRequestMessage Parse(string text)
    {
        var filled = Variable().Replace(text, match => ValueOf(match.Groups[1].Value));
        var parts = filled.Split("\n\n", 2);
        var lines = parts[0].Split('\n').Where(line => line.Length > 0 && line[0] != '#').ToList();
        var call = lines[0].Split(' ', 2);
        var request = new HttpRequestMessage(new HttpMethod(call[0]), call[1]);
        var headers = lines.Skip(1).Select(line => line.Split(": ", 2)).ToList();
        if (parts.Length > 1 && parts[1].Trim().Length > 0)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(parts[1].Trim()));
        }
        foreach (var header in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(header[0], header[1]))
            {
                request.Content!.Headers.TryAddWithoutValidation(header[0], header[1]);
            }
        }
        return request;
    }

    /// <summary>A file's variable, a new uuid, or a field of an earlier answer.</summary>
    private string ValueOf(string variable)
    {
        switch (variable)
        {
            case "api":
                return Bank.Url.ToString().TrimEnd('/');
            case "$guid":
                return Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString();
        }
        var path = variable.Split(".response.body.");
        var value = _answers[path[0]];
        foreach (Match step in Step().Matches(path[1]))
        {
            value = step.Groups["index"].Success ? value[int.Parse(step.Groups["index"].ValueSpan)] : value.GetProperty(step.Value);
        }
        return value.ToString();
    }

    [GeneratedRegex(@"\((?<status>\d{3})( (?<code>[a-z_]+))?")]
    private static partial Regex Expected();

    [GeneratedRegex(@"^# @name (\w+)", RegexOptions.Multiline)]
    private static partial Regex Named();

    [GeneratedRegex(@"\{\{(.+?)\}\}")]
    private static partial Regex Variable();

    [GeneratedRegex(@"\[(?<index>\d+)\]|\w+")]
    private static partial Regex Step();
}
