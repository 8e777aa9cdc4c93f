using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using QuickPay.Worker.Rates;

namespace QuickPay.IntegrationTests.Rates;

/// <summary>Where a worker may be told to look for rates.</summary>
public sealed class RateOptionsTests
{
    [Theory]
    [InlineData("Source", "ecb")]
    [InlineData("Source", "ecb", "Url", "https://rates.example/daily.xml")]
    [InlineData("Source", "ecb", "Url", "http://127.0.0.1:8088/daily.xml")]
    [InlineData("Source", "file", "File", "/etc/quickpay/rates.xml")]
    public void A_source_and_where_it_is(params string[] settings)
    {
        using var provider = Configured(settings);

        Assert.Equal(settings[1], provider.GetRequiredService<IOptions<RateOptions>>().Value.Source);
        Assert.Equal(settings[1], provider.GetRequiredService<IRateSource>().Name);
    }

    [Theory]
    [InlineData]
    [InlineData("Source", "none")]
    public void Without_a_source_nobody_looks(params string[] settings)
    {
        using var provider = Configured(settings);

        Assert.DoesNotContain(Services(settings), service => service.ServiceType == typeof(IHostedService));
        Assert.Null(provider.GetService<IRateSource>());
    }

    [Theory]
    [InlineData("Source", "ECB")]
    [InlineData("Source", "")]
    [InlineData("Source", "ecb", "Url", "http://rates.example/daily.xml")]
    [InlineData("Source", "ecb", "Url", "ftp://127.0.0.1/daily.xml")]
    [InlineData("Source", "ecb", "Url", "file:///etc/hostname")]
    [InlineData("Source", "ecb", "Url", "daily.xml")]
    [InlineData("Source", "file")]
    [InlineData("EveryMinutes", "0")]
    [InlineData("TimeoutMs", "0")]
    [InlineData("JumpMaxPercent", "0")]
    public void What_makes_no_sense_is_said_at_the_start(params string[] settings)
    {
        using var provider = Configured(settings);

        Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IStartupValidator>().Validate());
    }

    private static ServiceProvider Configured(string[] settings) => Services(settings).BuildServiceProvider();

    private static IServiceCollection Services(string[] settings) =>
        new ServiceCollection().AddRates(
            new ConfigurationBuilder()
                .AddInMemoryCollection(settings.Chunk(2).Select(setting => KeyValuePair.Create($"Rates:{setting[0]}", (string?)setting[1])))
                .Build()
        );
}
