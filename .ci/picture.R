# Draws the picture of the README with the package that is installed:
#
#   Rscript .ci/picture.R man/figures/README-infertility.png
#
# The same charts are in the vignette "Get started".

library(glmpp)

fit <- glmpp(case ~ spontaneous + induced + age + education, binomial, infert)

grDevices::png(commandArgs(trailingOnly = TRUE)[1L], width = 1500, height = 560, res = 150)
graphics::par(mfrow = c(1, 2), mar = c(4.2, 8, 2, 1), cex = 0.8)
plot(coefficient_intervals(fit, exponentiate = TRUE, vcov = ~ stratum), xlab = "odds ratio, 95 % interval", main = "coefficient_intervals(fit)")
graphics::par(mar = c(4.2, 4.2, 2, 1))
plot(roc_points(fit), main = "roc_points(fit)")
invisible(grDevices::dev.off())
