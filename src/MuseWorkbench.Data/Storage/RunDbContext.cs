using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using MuseWorkbench.Core;
using MuseWorkbench.Data.Cases;
using MuseWorkbench.Data.Experiments;
using MuseWorkbench.Data.Runs;

namespace MuseWorkbench.Data.Storage;

/// <summary>Runs and their events, datasets and their cases, experiments and their cells. What is stored is no database's own: dates are whole numbers, the rest text and numbers.</summary>
internal abstract class RunDbContext(DbContextOptions options) : DbContext(options)
{
    public DbSet<StoredRun> Runs => Set<StoredRun>();
    public DbSet<StoredEvent> Events => Set<StoredEvent>();
    public DbSet<StoredWorker> Workers => Set<StoredWorker>();
    public DbSet<StoredTag> Tags => Set<StoredTag>();
    public DbSet<StoredImage> Images => Set<StoredImage>();
    public DbSet<StoredDataset> Datasets => Set<StoredDataset>();
    public DbSet<StoredVersion> Versions => Set<StoredVersion>();
    public DbSet<StoredCase> Cases => Set<StoredCase>();
    public DbSet<StoredPrint> Prints => Set<StoredPrint>();
    public DbSet<StoredExperiment> Experiments => Set<StoredExperiment>();
    public DbSet<StoredExperimentCase> ExperimentCases => Set<StoredExperimentCase>();
    public DbSet<StoredCell> Cells => Set<StoredCell>();

    /// <summary>The next cell of an experiment to work on: one whose lease ran out, else the first pending one. Within a transaction no other workbench gets the same.</summary>
    public virtual async Task<StoredCell?> NextCellAsync(Guid experiment, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var cells = Cells.Where(c => c.ExperimentId == experiment);
        return await cells.Where(c => c.State == CellState.Running && c.LeaseUntil < now).OrderBy(c => c.Key).FirstOrDefaultAsync(cancellationToken)
            ?? await cells.Where(c => c.State == CellState.Pending).OrderBy(c => c.Key).FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>Keeps others from changing a cell until the transaction ends.</summary>
    public virtual Task LockCellAsync(long key, CancellationToken cancellationToken) => Task.CompletedTask;

    // Ticks: comparable in every database, and an event reads back exactly as it was shown.
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcTicks>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<StoredRun>(run =>
        {
            run.ToTable("runs");
            run.HasKey(r => r.Id);
            run.Property(r => r.Outcome).HasConversion<string>().HasMaxLength(16);
            run.Property(r => r.Worker).HasMaxLength(64);
            run.HasIndex(r => r.StartedAt);
            run.HasIndex(r => r.Outcome);
            run.HasIndex(r => r.TeamName);
            run.HasIndex(r => new { r.ExperimentId, r.StartedAt });
            run.HasMany(r => r.Tags).WithOne().HasForeignKey(t => t.RunId).OnDelete(DeleteBehavior.Cascade);
            run.HasMany(r => r.Images).WithOne().HasForeignKey(i => i.RunId).OnDelete(DeleteBehavior.Cascade);
        });
        modelBuilder.Entity<StoredEvent>(e =>
        {
            e.ToTable("run_events");
            e.HasKey(x => new { x.RunId, x.Seq });
            e.HasOne<StoredRun>().WithMany().HasForeignKey(x => x.RunId).OnDelete(DeleteBehavior.Cascade);
        });
        modelBuilder.Entity<StoredTag>(tag =>
        {
            tag.ToTable("run_tags");
            tag.HasKey(t => new { t.RunId, t.Tag });
            tag.HasIndex(t => t.Tag);
        });
        modelBuilder.Entity<StoredImage>(image =>
        {
            image.ToTable("run_images");
            image.HasKey(i => new { i.RunId, i.Ordinal });
            image.HasIndex(i => i.Sha256);
        });
        modelBuilder.Entity<StoredWorker>(worker =>
        {
            worker.ToTable("workers");
            worker.HasKey(w => w.Id);
            worker.Property(w => w.Id).HasMaxLength(64);
        });
        AddCases(modelBuilder);
        AddExperiments(modelBuilder);
    }

    private static void AddCases(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<StoredDataset>(dataset =>
        {
            dataset.ToTable("datasets");
            dataset.HasKey(d => d.Id);
            dataset.HasMany(d => d.Versions).WithOne().HasForeignKey(v => v.DatasetId).OnDelete(DeleteBehavior.Cascade);
        });
        modelBuilder.Entity<StoredVersion>(version =>
        {
            version.ToTable("dataset_versions");
            version.HasKey(v => new { v.DatasetId, v.Number });
        });
        modelBuilder.Entity<StoredCase>(@case =>
        {
            @case.ToTable("cases");
            @case.HasKey(c => c.Key);
            @case.HasOne<StoredDataset>().WithMany().HasForeignKey(c => c.DatasetId).OnDelete(DeleteBehavior.Cascade);
            @case.HasIndex(c => new { c.DatasetId, c.Position });
            @case.HasIndex(c => new { c.DatasetId, c.CaseId, c.First }).IsUnique();
        });
        modelBuilder.Entity<StoredPrint>(print =>
        {
            print.ToTable("image_prints");
            print.HasKey(p => p.Sha256);
        });
    }

    private static void AddExperiments(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<StoredExperiment>(experiment =>
        {
            experiment.ToTable("experiments");
            experiment.HasKey(e => e.Id);
            experiment.Property(e => e.State).HasConversion<string>().HasMaxLength(16);
        });
        modelBuilder.Entity<StoredExperimentCase>(@case =>
        {
            @case.ToTable("experiment_cases");
            @case.HasKey(c => new { c.ExperimentId, c.Index });
            @case.HasOne<StoredExperiment>().WithMany().HasForeignKey(c => c.ExperimentId).OnDelete(DeleteBehavior.Cascade);
        });
        modelBuilder.Entity<StoredCell>(cell =>
        {
            cell.ToTable("experiment_cells");
            cell.HasKey(c => c.Key);
            cell.Property(c => c.State).HasConversion<string>().HasMaxLength(16);
            cell.HasOne<StoredExperiment>().WithMany().HasForeignKey(c => c.ExperimentId).OnDelete(DeleteBehavior.Cascade);
            cell.HasIndex(c => new { c.ExperimentId, c.Team, c.Case, c.Repeat }).IsUnique();
            cell.HasIndex(c => new { c.ExperimentId, c.Case });
            cell.HasIndex(c => new { c.ExperimentId, c.State });
            cell.HasIndex(c => new { c.ExperimentId, c.FinishedAt });
        });
    }

    private sealed class UtcTicks() : ValueConverter<DateTimeOffset, long>(at => at.UtcTicks, ticks => new DateTimeOffset(ticks, TimeSpan.Zero));
}
