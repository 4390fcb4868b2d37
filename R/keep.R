# Lean fits: what is left out of the object, and what stands in for it.

keep_choices <- c("all", "rows", "summary")

row_components <- c("residuals", "fitted.values", "linear.predictors", "weights", "prior.weights", "y", "offset")

# Without data, model frame and the environment that the formula captured; for "summary" without the vectors of
# one element per row too.
lean_fit <- function(fit, keep) {
  if (keep == "all") return(fit)
  class <- class(fit)
  fit <- unclass(fit)
  dropped <- c("model", "data", "x", if (keep == "summary") row_components)
  if (keep == "summary" && "glm" %in% class) fit$row_summary <- summarise_rows(fit)
  where <- lean_environment(fit$formula, environment(fit$formula), length(fit$prior.weights))
  fit$formula <- in_environment(fit$formula, where)
  attr(fit$terms, ".Environment") <- where
  attr(fit$schema$terms, ".Environment") <- where
  if (!is.null(fit$call$data) && !is.symbol(fit$call$data) && !is.call(fit$call$data)) fit$call$data <- quote(data)
  fit <- fit[setdiff(names(fit), dropped)]
  fit$left_out <- dropped
  structure(fit, class = class)
}

in_environment <- function(formula, where) {
  environment(formula) <- where
  formula
}

# What nobs(), logLik() and summary() read from the rows.
summarise_rows <- function(fit) {
  list(rows = length(fit$residuals),
       quartiles = stats::quantile(row_deviance_residuals(fit), na.rm = TRUE, names = FALSE))
}

# The constants and functions that the formula names, found where it was made: not the data beside them.
lean_environment <- function(formula, env, rows) {
  if (is.null(env)) return(globalenv())
  top <- topenv(env)
  lean <- new.env(parent = top)
  wanted <- all.names(formula)
  while (length(wanted)) {
    name <- wanted[1]
    wanted <- wanted[-1]
    if (exists(name, lean, inherits = FALSE)) next
    value <- captured_value(name, env, top)
    if (is.null(value) || NROW(value) == rows && rows > 1 || is.data.frame(value)) next
    if (is.function(value) && !is.primitive(value)) {
      wanted <- c(wanted, all.names(body(value)))
      environment(value) <- lean
    }
    assign(name, value, envir = lean)
  }
  lean
}

captured_value <- function(name, env, top) {
  while (!identical(env, top) && !identical(env, emptyenv())) {
    if (exists(name, env, inherits = FALSE)) return(get(name, env, inherits = FALSE))
    env <- parent.env(env)
  }
}

is_left_out <- function(object, name) any(.subset2(object, "left_out") == name)

stop_left_out <- function(name) {
  stop_glmpp("left_out", sprintf("This fit was made without `%s`.", name), i = "Fit again with `keep = \"all\"`.")
}

# A component of one element per row, where it was kept.
row_component <- function(object, name) {
  if (is_left_out(object, name)) stop_left_out(name)
  object[[name]]
}

# The model frame, where it was kept or can be made again.
fit_frame <- function(object) {
  if (is_left_out(object, "model")) stop_left_out("model")
  model.frame(object)
}
