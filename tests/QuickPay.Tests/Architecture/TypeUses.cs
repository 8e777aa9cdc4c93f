using System.Reflection;
using System.Reflection.Emit;

namespace QuickPay.Tests.Architecture;

/// <summary>
/// Which types of an assembly use which others: bases, fields, signatures, and what the method bodies name. Constants leave no trace,
/// since the compiler writes their value: for those ArchitectureTests reads the sources.
/// </summary>
internal static class TypeUses
{
    private const BindingFlags Everything =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<short, OpCode> Codes = typeof(OpCodes)
        .GetFields()
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => code.Value);

    /// <summary>Pairs of outermost types; what the compiler nests into a type (lambdas, state machines) is that type's.</summary>
    public static IReadOnlySet<(Type From, Type To)> Of(Assembly assembly) =>
        (
            from type in assembly.GetTypes()
            from used in UsedBy(type)
            from part in Parts(used)
            let pair = (From: Outermost(type), To: Outermost(part))
            where pair.From != pair.To
            select pair
        ).ToHashSet();

    private static IEnumerable<Type?> UsedBy(Type type)
    {
        var methods = type.GetMethods(Everything).Cast<MethodBase>().Concat(type.GetConstructors(Everything));
        return type.GetInterfaces()
            .Append(type.BaseType)
            .Concat(
                type.GetGenericArguments()
                    .SelectMany(argument => argument.IsGenericParameter ? argument.GetGenericParameterConstraints() : [])
            )
            .Concat(type.GetFields(Everything).Select(field => field.FieldType))
            .Concat(type.GetCustomAttributesData().Select(attribute => attribute.AttributeType))
            .Concat(methods.SelectMany(UsedBy));
    }

    private static IEnumerable<Type?> UsedBy(MethodBase method)
    {
        foreach (var parameter in method.GetParameters())
        {
            yield return parameter.ParameterType;
        }
        yield return (method as MethodInfo)?.ReturnType;
        if (method.GetMethodBody() is not { } body)
        {
            yield break;
        }
        foreach (var local in body.LocalVariables)
        {
            yield return local.LocalType;
        }
        foreach (var caught in body.ExceptionHandlingClauses.Where(clause => clause.Flags == ExceptionHandlingClauseOptions.Clause))
        {
            yield return caught.CatchType;
        }
        foreach (var type in NamedIn(method, body.GetILAsByteArray()!))
        {
            yield return type;
        }
    }

    private static IEnumerable<Type?> NamedIn(MethodBase method, byte[] code)
    {
        for (var at = 0; at < code.Length; )
        {
            var op = code[at] == 0xFE ? Codes[(short)(0xFE00 | code[at + 1])] : Codes[code[at]];
            at += op.Size;
            if (op.OperandType is OperandType.InlineMethod or OperandType.InlineField or OperandType.InlineType or OperandType.InlineTok)
            {
                foreach (var type in TypesOf(Resolve(method, BitConverter.ToInt32(code, at))))
                {
                    yield return type;
                }
            }
            at += op.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + 4 * BitConverter.ToInt32(code, at),
                _ => 4,
            };
        }
    }

    private static MemberInfo? Resolve(MethodBase method, int token) =>
        method.Module.ResolveMember(
            token,
            method.DeclaringType!.IsGenericType ? method.DeclaringType.GetGenericArguments() : null,
            method.IsGenericMethod ? method.GetGenericArguments() : null
        );

    private static IEnumerable<Type?> TypesOf(MemberInfo? member) =>
        member switch
        {
            Type type => [type],
            FieldInfo field => [field.DeclaringType, field.FieldType],
            MethodInfo called =>
            [
                called.DeclaringType,
                called.ReturnType,
                .. called.GetGenericArguments(),
                .. called.GetParameters().Select(p => p.ParameterType),
            ],
            ConstructorInfo made => [made.DeclaringType, .. made.GetParameters().Select(p => p.ParameterType)],
            _ => [],
        };

    /// <summary><c>List&lt;Money[]&gt;</c> uses List and Money.</summary>
    private static IEnumerable<Type> Parts(Type? type)
    {
        while (type is { HasElementType: true })
        {
            type = type.GetElementType();
        }
        if (type is null or { IsGenericParameter: true })
        {
            return [];
        }
        return type.IsConstructedGenericType
            ? type.GetGenericArguments().SelectMany(Parts).Append(type.GetGenericTypeDefinition())
            : [type];
    }

    private static Type Outermost(Type type)
    {
        while (type.DeclaringType is { } outer)
        {
            type = outer;
        }
        return type;
    }
}
