// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/onednn_product.h"

#include "model/kernels/cpu_table.h"

#include <algorithm>

namespace at::native {

// In LibTorch's library, in none of its headers: result = beta · result + alpha · mat1 mat2.
TORCH_API void mkldnn_matmul(const Tensor& mat1, const Tensor& mat2, const Tensor& result, float beta, float alpha);

}

namespace attune::model {

namespace {

constexpr std::int64_t kLeastWork = std::int64_t(1) << 20;  // multiplications: below, oneDNN's set-up of a product shows

/// By rows or by columns, none of them twice in memory (an expanded tensor).
bool isDenseFloat32(const at::Tensor& x)
{
    if (x.dim() != 2 || !x.device().is_cpu() || x.scalar_type() != at::kFloat)
        return false;
    return (x.stride(1) == 1 && x.stride(0) >= x.size(1)) || (x.stride(0) == 1 && x.stride(1) >= x.size(0));
}

}

bool prefersOneDnn()
{
#if defined(__x86_64__)
    static const bool isPreferred = kernels::hasAvx512() && !__builtin_cpu_is("intel");
    return isPreferred;
#else
    return false;
#endif
}

bool servesOneDnnProduct(const at::Tensor& out, const at::Tensor& a, const at::Tensor& b)
{
    if (!isDenseFloat32(a) || !isDenseFloat32(b) || !isDenseFloat32(out) || out.stride(1) != 1)
        return false;
    return std::min({a.size(0), a.size(1), b.size(1)}) >= 8 && a.size(0) * a.size(1) * b.size(1) >= kLeastWork;
}

void oneDnnProduct(const at::Tensor& out, const at::Tensor& a, const at::Tensor& b, double scale, bool adds)
{
    at::native::mkldnn_matmul(a, b, out, adds ? 1.0f : 0.0f, static_cast<float>(scale));
}

}
