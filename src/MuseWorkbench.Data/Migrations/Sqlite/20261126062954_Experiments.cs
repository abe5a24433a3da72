using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace MuseWorkbench.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Experiments : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<Guid>(
                name: "ExperimentId",
                table: "runs",
                type: "TEXT",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "experiments",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "TEXT", nullable: false),
                    CreatedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    State = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    Reason = table.Column<string>(type: "TEXT", nullable: true),
                    ScoredVersion = table.Column<int>(type: "INTEGER", nullable: false),
                    Json = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_experiments", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "experiment_cases",
                columns: table => new
                {
                    ExperimentId = table.Column<Guid>(type: "TEXT", nullable: false),
                    Index = table.Column<int>(type: "INTEGER", nullable: false),
                    CaseId = table.Column<string>(type: "TEXT", nullable: false),
                    Hash = table.Column<string>(type: "TEXT", nullable: false),
                    Cluster = table.Column<string>(type: "TEXT", nullable: false),
                    Json = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_experiment_cases", x => new { x.ExperimentId, x.Index });
                    table.ForeignKey(
                        name: "FK_experiment_cases_experiments_ExperimentId",
                        column: x => x.ExperimentId,
                        principalTable: "experiments",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "experiment_cells",
                columns: table => new
                {
                    Key = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    ExperimentId = table.Column<Guid>(type: "TEXT", nullable: false),
                    Team = table.Column<int>(type: "INTEGER", nullable: false),
                    Case = table.Column<int>(type: "INTEGER", nullable: false),
                    Repeat = table.Column<int>(type: "INTEGER", nullable: false),
                    Seed = table.Column<long>(type: "INTEGER", nullable: false),
                    State = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    RunId = table.Column<Guid>(type: "TEXT", nullable: true),
                    Owner = table.Column<string>(type: "TEXT", nullable: true),
                    LeaseUntil = table.Column<long>(type: "INTEGER", nullable: true),
                    StartedAt = table.Column<long>(type: "INTEGER", nullable: true),
                    FinishedAt = table.Column<long>(type: "INTEGER", nullable: true),
                    Score = table.Column<double>(type: "REAL", nullable: true),
                    Passed = table.Column<bool>(type: "INTEGER", nullable: false),
                    Answer = table.Column<string>(type: "TEXT", nullable: true),
                    Error = table.Column<string>(type: "TEXT", nullable: true),
                    Tokens = table.Column<int>(type: "INTEGER", nullable: false),
                    WallClockMs = table.Column<double>(type: "REAL", nullable: false),
                    CriticalPathTokens = table.Column<int>(type: "INTEGER", nullable: false),
                    Assertions = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_experiment_cells", x => x.Key);
                    table.ForeignKey(
                        name: "FK_experiment_cells_experiments_ExperimentId",
                        column: x => x.ExperimentId,
                        principalTable: "experiments",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_runs_ExperimentId_StartedAt",
                table: "runs",
                columns: new[] { "ExperimentId", "StartedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_experiment_cells_ExperimentId_Case",
                table: "experiment_cells",
                columns: new[] { "ExperimentId", "Case" });

            migrationBuilder.CreateIndex(
                name: "IX_experiment_cells_ExperimentId_FinishedAt",
                table: "experiment_cells",
                columns: new[] { "ExperimentId", "FinishedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_experiment_cells_ExperimentId_State",
                table: "experiment_cells",
                columns: new[] { "ExperimentId", "State" });

            migrationBuilder.CreateIndex(
                name: "IX_experiment_cells_ExperimentId_Team_Case_Repeat",
                table: "experiment_cells",
                columns: new[] { "ExperimentId", "Team", "Case", "Repeat" },
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "experiment_cases");

            migrationBuilder.DropTable(
                name: "experiment_cells");

            migrationBuilder.DropTable(
                name: "experiments");

            migrationBuilder.DropIndex(
                name: "IX_runs_ExperimentId_StartedAt",
                table: "runs");

            migrationBuilder.DropColumn(
                name: "ExperimentId",
                table: "runs");
        }
    }
}
