"""Actions: intended changes in the outside world, each with a state that survives everything (docs/lifecycle.md).

states      the states and which may follow which        dispatch   slots of each vendor, claims in batches, calls
claims      planned → sending, under the contact's lock   settle     results, many in one statement
outcomes    what an answer or an error means              reconcile  what became of a call nobody heard the end of
circuit     a vendor that keeps failing is left alone     deliveries what the vendor says later
"""
