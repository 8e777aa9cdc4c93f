using CsCheck;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using QuickPay.Api;
using QuickPay.Hosting;
using QuickPay.Ledger;

namespace QuickPay.Tests.Api;

/// <summary>The Idempotency-Key header: what is a key, and what makes two of them one.</summary>
public sealed class IdempotencyKeyTests
{
    private static readonly Guid Kim = new("0198c8a1-5b1e-7c3a-9d43-2f6f0a2b9e11");
    private static readonly Guid Lee = new("0198c8a1-5b1e-7c3a-9d43-2f6f0a2b9e12");

    [Fact]
    public void One_to_128_visible_characters_are_a_key() =>
        Gen.String[Gen.Char['!', '~'], 1, 128]
            .Sample(key =>
            {
                var (read, problem) = IdempotencyKey.Read(Sent(key));
                Assert.Null(problem);
                Assert.Equal(key, read);
            });

    [Fact]
    public void No_key_is_a_problem_of_its_own()
    {
        Assert.Equal(ProblemCode.IdempotencyKeyMissing, IdempotencyKey.Read(new DefaultHttpContext().Request).Problem?.Code);
        Assert.Equal(ProblemCode.IdempotencyKeyMissing, IdempotencyKey.Read(Sent("")).Problem?.Code);
    }

    public static TheoryData<string> NoKeys => [" ", "a b", "a\tb", "a\n", "키", "é", "\u007f", new string('a', 129)];

    [Theory]
    [MemberData(nameof(NoKeys))]
    public void What_is_no_key_is_refused_by_name(string text)
    {
        var (key, problem) = IdempotencyKey.Read(Sent(text));

        Assert.Null(key);
        Assert.Equal(ProblemCode.InvalidRequest, problem!.Code);
        Assert.Equal(["Idempotency-Key"], problem.Errors.Keys);
    }

    [Fact]
    public void Two_keys_are_no_key() =>
        Assert.Equal(ProblemCode.InvalidRequest, IdempotencyKey.Read(Sent(new StringValues(["one", "two"]))).Problem?.Code);

    [Fact]
    public void A_key_is_its_members_and_its_operations_own()
    {
        Guid[] digests =
        [
            RequestDigest.OfKey(Kim, "send", "once"),
            RequestDigest.OfKey(Lee, "send", "once"),
            RequestDigest.OfKey(Kim, "capture", "once"),
            RequestDigest.OfKey(Kim, "send", "twice"),
            RequestDigest.OfKey(Kim, "sendo", "nce"),
        ];

        Assert.Equal(digests.Length, digests.Distinct().Count());
        Assert.Equal(digests[0], RequestDigest.OfKey(Kim, "send", "once"));
    }

    /// <summary>Another digest for the same key would pay again whatever was retried across the upgrade.</summary>
    [Fact]
    public void Keys_that_are_stored_stay_known() =>
        Assert.Equal(new Guid("d72ec112-6f0e-4d8c-565a-b546bd1d7b93"), RequestDigest.OfKey(Kim, "send", "7f3c-once"));

    private static HttpRequest Sent(StringValues key)
    {
        var context = new DefaultHttpContext();
        context.Request.Headers[IdempotencyKey.Header] = key;
        return context.Request;
    }
}
