using System.Text.Json;
using System.Text.Json.Serialization;
using QuickPay.Api.Accounts;
using QuickPay.Api.Rates;
using QuickPay.Api.Statements;
using QuickPay.Api.Statistics;
using QuickPay.Api.Transfers;

namespace QuickPay.Api;

/// <summary>The JSON of money: camelCase, unknown and repeated fields refused, numbers as numbers only.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    NumberHandling = JsonNumberHandling.Strict,
    PropertyNameCaseInsensitive = false
)]
[JsonSerializable(typeof(SendMoneyBody))]
[JsonSerializable(typeof(DepositBody))]
[JsonSerializable(typeof(CaptureBody))]
[JsonSerializable(typeof(CancelBody))]
[JsonSerializable(typeof(TransferView))]
[JsonSerializable(typeof(BalanceView))]
[JsonSerializable(typeof(AccountList))]
[JsonSerializable(typeof(TransactionPage))]
[JsonSerializable(typeof(RatesView))]
[JsonSerializable(typeof(MemberMonthView))]
[JsonSerializable(typeof(OperatorStatisticsView))]
public sealed partial class ApiJson : JsonSerializerContext;
