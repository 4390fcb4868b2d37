# Runs the battery with what is installed and keeps its counts by package and door, for the vignette "With your packages":
#
#   Rscript inst/compat/table.R inst/compat/results.csv
#
# The first line says with what.

file <- sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))
for (name in c("calls.R", "fits.R", "compare.R", "expected.R", "battery.R")) source(file.path(dirname(file), name))

table <- run_battery()
outcome <- ifelse(nzchar(table$reason), "as_expected", table$outcome)
counts <- function(kind) tapply(outcome == kind, list(table$package, table$door), sum)
cells <- which(!is.na(counts("same")), arr.ind = TRUE)
packages <- rownames(counts("same"))[cells[, 1]]
results <- data.frame(package = packages, version = vapply(packages, function(p) format(utils::packageVersion(p)), ""),
                      door = colnames(counts("same"))[cells[, 2]])
for (kind in c("same", "as_expected", "differs", "error")) results[[kind]] <- counts(kind)[cells]
reason_of <- function(p, d) paste(unique(table$reason[table$package == p & table$door == d & nzchar(table$reason)]), collapse = "; ")
results$reason <- mapply(reason_of, results$package, results$door)

into <- file(commandArgs(trailingOnly = TRUE)[1], "w")
writeLines(paste0("# ", R.version.string, ", glmpp ", utils::packageVersion("glmpp"), ", packages as installed: ", length(unique(packages)), " of them"), into)
utils::write.csv(results[order(results$package, results$door), ], into, row.names = FALSE)
close(into)
