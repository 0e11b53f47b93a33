#:package Fletcher@*
using System.Text.Json.Serialization;
using Fletcher;

await Drawing.Make(new Point(1, 2));
try
{
    await Drawing.Leak();
}
catch (FletcherUsageException e)
{
    Console.WriteLine(e.Id);
    Console.WriteLine(e.Message.Contains("System.Threading.Thread") ? "names the type" : e.Message);
}

#region types
record Point(int X, int Y);

[JsonDerivedType(typeof(Circle), "circle")]
[JsonDerivedType(typeof(Square), "square")]
abstract record Shape(Point At);

record Circle(Point At, double Radius) : Shape(At);

record Square(Point At, double Side) : Shape(At);
#endregion

static class Drawing
{
    #region steps
    [Flow]
    public static async Task Make(Point at)
    {
        var shapes = await Shapes(at);
        var (count, first) = Describe(shapes, verbosity: Random.Shared.Next());
        Console.WriteLine($"{count} shapes, first {first}");
        Console.WriteLine($"{Picture(shapes).Length} bytes");
    }

    [Step]
    static async Task<Shape[]> Shapes(Point at)
    {
        await Task.Delay(1);
        return [new Circle(at, 2), new Square(at, 3)];
    }

    [Step]
    static (int Count, Shape First) Describe(Shape[] shapes, [NotInput] int verbosity) => (shapes.Length, shapes[0]);

    [Step]
    static byte[] Picture(Shape[] shapes) => new byte[1_000 * shapes.Length]; // stored as bytes, not as JSON
    #endregion

    [Flow]
    public static async Task Leak() => await NotStorable();

    [Step]
    static Task<object> NotStorable() => Task.FromResult<object>(Thread.CurrentThread);
}
