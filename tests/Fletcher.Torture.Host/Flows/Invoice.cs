namespace Fletcher.Torture.Flows;

/// <summary>An invoice of <see cref="Invoices"/>.</summary>
internal sealed record Invoice(int Customer, int Airport, int Flights);
