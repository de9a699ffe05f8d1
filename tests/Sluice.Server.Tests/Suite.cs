using Xunit;

// Many tests wait most of their time, for pauses and for programs: with one test a core, a third of a machine of two cores would be idle.
[assembly: CollectionBehavior(MaxParallelThreads = 4)]
