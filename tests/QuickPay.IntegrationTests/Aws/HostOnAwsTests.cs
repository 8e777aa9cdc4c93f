using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using QuickPay.Cli.Local;
using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Aws;

/// <summary>The built programs run with what the templates tell their instances.</summary>
[Collection(nameof(AwsTemplates))]
public sealed partial class HostOnAwsTests(AwsTemplates templates, OwnServers own) : IClassFixture<OwnServers>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("prod", "Api", false)]
    [InlineData("prod", "Worker", false)]
    // After the promotion.
    [InlineData("prod", "Api", true)]
    [InlineData("prod", "Worker", true)]
    public async Task A_host_is_ready_with_exactly_the_variables_of_its_template(string environment, string kind, bool elsewhere)
    {
        var template = TemplateEnvironment.Of(templates[environment], kind, elsewhere);
        Assert.Equal($"QuickPay.{kind}", template.Host);
        await HostOnAws.LetInAsync(own.Servers);

        await using var host = await HostOnAws.StartAsync(template.Host, HostOnAws.Fill(template, own.Servers), own.Servers);

        await host.ReadyAsync();
    }

    /// <summary>That of dev this time, which has no replicas. It takes the database, the cache, the key of tokens and that of personal data.</summary>
    [Fact]
    public async Task A_member_joins_and_logs_in_there()
    {
        var template = TemplateEnvironment.Of(templates.Dev, "Api");
        await HostOnAws.LetInAsync(own.Servers);
        await using var host = await HostOnAws.StartAsync(template.Host, HostOnAws.Fill(template, own.Servers), own.Servers);
        await host.ReadyAsync();
        using var http = new HttpClient { BaseAddress = host.Url };
        var phone = ApiBank.NewPhone();

        using var joined = await http.PostAsJsonAsync(
            "/v1/members",
            new
            {
                phone,
                name = "김민수",
                password = ApiMember.Password,
                pin = ApiMember.Pin,
            },
            Cancellation
        );
        using var loggedIn = await http.PostAsJsonAsync("/v1/sessions", new { phone, password = ApiMember.Password }, Cancellation);

        Assert.Equal(HttpStatusCode.Created, joined.StatusCode);
        Assert.Equal(HttpStatusCode.Created, loggedIn.StatusCode);
        var answer = await loggedIn.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        var claims = answer.GetProperty("accessToken").GetString()!.Split('.')[1];
        Assert.Equal(
            "https://pay.example.com",
            JsonDocument.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(claims)).RootElement.GetProperty("iss").GetString()
        );
    }

    [Theory]
    [InlineData("Postgres__Hosts")]
    [InlineData("Postgres__PasswordFile")]
    [InlineData("Redis__PasswordFile")]
    [InlineData("Tokens__SigningKeyFile")]
    [InlineData("PersonalData__KeyFile")]
    public async Task Without_one_of_them_an_API_server_does_not_start(string variable)
    {
        var template = TemplateEnvironment.Of(templates.Prod, "Api");
        var variables = HostOnAws.Fill(template, own.Servers);
        Assert.True(variables.Remove(variable));

        await using var host = await HostOnAws.StartAsync(template.Host, variables, own.Servers);

        await Assert.ThrowsAsync<StartFailedException>(host.ReadyAsync);
        Assert.Contains(variable.Split("__")[^1], host.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_the_password_of_another_role_it_is_not_ready()
    {
        var template = TemplateEnvironment.Of(templates.Prod, "Api");
        var variables = HostOnAws.Fill(template, own.Servers);
        var file = variables[HostOnAws.PasswordFile];
        var (right, wrong) = (own.Servers.Postgres.Connection(PostgresRoles.Api), own.Servers.Postgres.Connection(PostgresRoles.Worker));
        await File.WriteAllTextAsync(
            file,
            (await File.ReadAllTextAsync(file, Cancellation)).Replace(right.Password, wrong.Password),
            Cancellation
        );

        await using var host = await HostOnAws.StartAsync(template.Host, variables, own.Servers);

        await host.NotReadyAsync();
    }

    [Theory]
    [InlineData("dev", "Api")]
    [InlineData("prod", "Api")]
    [InlineData("dev", "Worker")]
    [InlineData("prod", "Worker")]
    [InlineData("prod", "Api", true)]
    [InlineData("prod", "Worker", true)]
    public void Every_variable_is_a_setting_that_the_list_of_settings_knows(string environment, string kind, bool elsewhere = false)
    {
        var known = KnownSettings();
        var names = TemplateEnvironment.Of(templates[environment], kind, elsewhere).Variables.Keys.ToList();

        Assert.NotEmpty(names);
        Assert.Subset(known, names.Select(name => name.Replace("__", ":", StringComparison.Ordinal)).ToHashSet());
        Assert.Equal(names.Count, names.Distinct().Count());
    }

    /// <summary><c>Postgres:Replicas:History</c>, by the headings and the tables of docs/settings.md.</summary>
    private static HashSet<string> KnownSettings()
    {
        var (known, section) = (new HashSet<string>(), "");
        foreach (var line in File.ReadLines(Path.Combine(Programs.RepositoryRoot, "docs/settings.md")))
        {
            if (line.StartsWith("## ", StringComparison.Ordinal))
            {
                section = $"{line[3..]}:";
            }
            else if (Setting().Match(line) is { Success: true } setting)
            {
                known.Add(section + setting.Groups[1].Value);
            }
        }
        return known;
    }

    [GeneratedRegex(@"^\| `([A-Za-z:]+)` \|")]
    private static partial Regex Setting();
}
