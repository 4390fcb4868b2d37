# The middle of a sandwich, by one more pass: sums of squared residuals of the score, or scores by cluster.

meat_sums <- function(home, coefficients, cluster, leverage = NULL) {
  if (!is.null(leverage)) {
    stop_glmpp("covariance", sprintf("%s needs the leverages of the rows, and these stay in the database.", leverage$type),
               i = "Take \"HC0\" or \"HC1\", or stream the rows (see in_database()).")
  }
  plan <- home$plan
  transform <- plan$standard$transform
  predictor <- predictor_sql(plan, home$database, drop(transform %*% coefficients))
  if (!is.null(cluster)) return(cluster_scores(home, predictor, cluster) %*% transform)
  columns <- c(sum_columns(plan, c(score = FALSE, information = FALSE), NULL), squared_columns(plan))
  cells <- fetch_cells(home, columns, pass_query(plan, home$database, home$terms, predictor))
  crossprod(transform, cell_information(plan, cells) %*% transform)
}

# As the information, with r^2 for w.
squared_columns <- function(plan) {
  columns <- sum_columns(plan, c(score = FALSE, information = TRUE), NULL)
  columns <- columns[grepl("^w", names(columns))]
  structure(gsub("(w", "(r * r", columns, fixed = TRUE), names = names(columns))
}

cluster_scores <- function(home, predictor, cluster) {
  plan <- home$plan
  refuse_missing_cluster(home, cluster)
  plan$more <- c(grp = key_sql(cluster_translator(home, cluster), cluster[[2]]))
  keys <- c("grp", if (length(plan$factors)) paste0("g", plan$factors))
  columns <- sum_columns(plan, c(score = TRUE, information = FALSE), NULL)
  found <- fetch_grouped(home$database, keys, columns, pass_query(plan, home$database, home$terms, predictor))
  cell <- if (length(plan$factors)) cells_of(plan, found$keys[-1]) else rep(1L, nrow(found$sums))
  group <- factor(as.character(found$keys[[1]]))
  scores <- vapply(seq_along(plan$multiplier), function(j) {
    rowsum(plan$cell_values[cell, j] * found$sums[, paste0("r", plan$multiplier[j])], group)[, 1]
  }, numeric(nlevels(group)))
  matrix(scores, nlevels(group), dimnames = list(levels(group), NULL))
}

# The cluster need not be a column of the model.
cluster_translator <- function(home, cluster) {
  columns <- union(names(home$plan$translator$columns), all.vars(cluster))
  new_translator(home$database, column_types(fetch_template(home$database, columns, rows = 1)), home$model$envir)
}

refuse_missing_cluster <- function(home, cluster) {
  plan <- home$plan
  grp <- key_sql(cluster_translator(home, cluster), cluster[[2]])
  query <- complete_query(plan, home$database, c(grp = "grp"), c(grp = grp))
  found <- fetch_query(home$database, sprintf("SELECT COUNT(*) - COUNT(grp) FROM %s", as_table(query, "s1")))
  missing <- as.double(found[[1]])
  if (missing == 0) return(invisible())
  stop_glmpp("cluster", sprintf("`cluster` must not be missing: `%s` is.", deparse1(cluster[[2]])),
             x = sprintf("%s.", plural(missing, "row")),
             i = "Leave such rows out by `subset`, or give them a cluster of their own.")
}

# Equal rows have equal scores: `counts` of them add up to counts r^2.
meat_groups <- function(home, coefficients, cluster, leverage = NULL) {
  if (!is.null(cluster)) return(cluster_scores_of_groups(home, coefficients, cluster))
  rows <- home$rows
  rows$response$weights <- rows$response$weights / sqrt(home$counts)
  meat_of_rows(rows, home$model, coefficients, leverage, home$counts)
}

# The groups once more, split by cluster.
cluster_scores_of_groups <- function(home, coefficients, cluster) {
  columns <- home$model$columns
  if (!is.null(columns)) columns <- union(columns, all.vars(cluster))
  template <- fetch_template(home$database, columns, rows = 1)
  part <- fetch_groups(home$database, names(template), template)
  group_scores(list(model = grouped_model(home$model), schema = home$schema), part$rows, coefficients, cluster, part$counts)
}
