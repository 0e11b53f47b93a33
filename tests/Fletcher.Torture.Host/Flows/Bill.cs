namespace Fletcher.Torture.Flows;

/// <summary>What <see cref="Invoices"/> came to: the sum, how many were mailed, and of which it is not known.</summary>
internal sealed record Bill(int Flights, int Sent, int[] InDoubt);
