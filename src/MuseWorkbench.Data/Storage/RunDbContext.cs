using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using MuseWorkbench.Core;
using MuseWorkbench.Data.Cases;
using MuseWorkbench.Data.Experiments;
using MuseWorkbench.Data.Runs;

namespace MuseWorkbench.Data.Storage;

/// <summary>Runs and their events, datasets and their cases, experiments and their cells. Nothing here is one database's own: dates are whole numbers, the rest text and numbers.</summary>
internal abstract class RunDbContext(DbContextOptions options) : DbContext(options)
{
    public DbSet<StoredRun> Runs => Set<StoredRun>();
    public DbSet<StoredEvent> Events => Set<StoredEvent>();
    public DbSet<StoredTag> Tags => Set<StoredTag>();
    public DbSet<StoredImage> Images => Set<StoredImage>();
    public DbSet<StoredDataset> Datasets => Set<StoredDataset>();
    public DbSet<StoredVersion> Versions => Set<StoredVersion>();
    public DbSet<StoredCase> Cases => Set<StoredCase>();
    public DbSet<StoredPrint> Prints => Set<StoredPrint>();
    public DbSet<StoredExperiment> Experiments => Set<StoredExperiment>();
    public DbSet<StoredExperimentCase> ExperimentCases => Set<StoredExperimentCase>();
    public DbSet<StoredCell> Cells => Set<StoredCell>();

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

/// <summary>The same in SQLite; migrations are per database.</summary>
internal sealed class SqliteRunDbContext(DbContextOptions<SqliteRunDbContext> options) : RunDbContext(options)
{
    /// <param name="path">The file.</param>
    /// <param name="maxPages">Most pages it may grow to; null for as many as the disk holds.</param>
    public static DbContextOptions<SqliteRunDbContext> OptionsFor(string path, int? maxPages = null) =>
        new DbContextOptionsBuilder<SqliteRunDbContext>()
            .UseSqlite(new SqliteConnectionStringBuilder { DataSource = path, Pooling = true, DefaultTimeout = 5 }.ToString())
            .AddInterceptors(new SqlitePragmas(maxPages))
            .Options;
}
