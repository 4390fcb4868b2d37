# Sparse. It has no vcov(): its Cholesky factor gives the standard errors.
estimates_glm4 <- function(fit) {
  factor <- fit@pred@fac
  unscaled <- Matrix::solve(factor, Matrix::Diagonal(nrow(factor)), system = "A")
  list(coefficients = fit@pred@coef, standard_errors = sqrt(Matrix::diag(unscaled)))
}

# glm4() wants a formula; for a sparse x, these are the steps that it takes after model.frame().
fit_sparse_x <- function(workload) {
  models <- asNamespace("MatrixModels")
  frame <- stats::model.frame(y ~ 1, list(y = workload$y))
  x <- methods::new(models$.__C__dsparseModelMatrix, methods::as(workload$x, "dgCMatrix"),
                    assign = seq_len(ncol(workload$x)), contrasts = list())
  model <- methods::new(models$.__C__glpModel, call = quote(glm4()), resp = models$mkRespMod(frame, workload$family),
                        pred = methods::as(x, "predModule"))
  models$fitGlm4(model)
}

list(
  new_adapter("MatrixModels::glm4", package = "MatrixModels", interface = "formula",
    fit = function(workload) {
      if (!has_formula(workload)) return(fit_sparse_x(workload))
      call_with_formula(quote(MatrixModels::glm4), workload, sparse = TRUE)
    },
    estimates = estimates_glm4,
    takes = function(workload) !has_formula(workload) || has_factors(workload))
)
