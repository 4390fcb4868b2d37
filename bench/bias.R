# Bias reduction: others' time over glmpp's, CPU time, both in one run.
#
#   Rscript bench/bias.R
#
# Mean bias reduction of a logistic regression (n = 1e5, 20 numeric columns) beside brglm2's, and beside logistf's without
# intervals, on all rows and on a tenth of them, where they are installed.

bench_folder <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
for (part in c("report", "pairs")) source(file.path(bench_folder, paste0(part, ".R")))
suppressMessages(library(glmpp))

set.seed(1)
data <- data.frame(matrix(rnorm(2e6), ncol = 20))
data$y <- rbinom(nrow(data), 1, plogis(drop(as.matrix(data) %*% rep(0.2, 20))))
tenth <- data[seq(1, nrow(data), by = 10), ]

lines <- list()
if (requireNamespace("brglm2", quietly = TRUE)) {
  for (type in c("mean", "median")) {
    lines <- c(lines, list(compare_calls(sprintf("brglm2, %s, n = 1e5", type),
                                         function() coef(glm(y ~ ., binomial, data, method = brglm2::brglmFit, type = paste0("AS_", type))),
                                         function() coef(glmpp(y ~ ., binomial, data, bias_reduction = type)))))
  }
}
if (requireNamespace("logistf", quietly = TRUE)) {
  lines <- c(lines, list(compare_calls("logistf, n = 1e4", function() coef(logistf::logistf(y ~ ., tenth, pl = FALSE)),
                                       function() coef(glmpp(y ~ ., binomial, tenth, bias_reduction = "mean")))),
             list(compare_calls("logistf, n = 1e5", function() coef(logistf::logistf(y ~ ., data, pl = FALSE)),
                                function() coef(glmpp(y ~ ., binomial, data, bias_reduction = "mean")))))
}
if (!length(lines)) stop("Neither brglm2 nor logistf is installed.")
print_comparisons("Bias reduction", do.call(rbind, lines))
